// A load test in plain Node: users that ask, and ask again 20 ms after the answer.
//
//   node load.js OUT.csv [SECONDS] [USERS]
//
// The number of users rises until answers are so late that the server has work all the time, at the latest
// over the first half of the test, and stays. With USERS, it rises to this number instead. OUT.csv gets a row
// a second; its users are the mean of the second.
'use strict';
const fs = require('fs');
const http = require('http');

const [out, seconds = '15', users = ''] = process.argv.slice(2);
if (!out) {
  console.error('usage: node load.js OUT.csv [SECONDS] [USERS]');
  process.exit(2);
}
const port = Number(process.env.PORT || 3000);
const agent = new http.Agent({ keepAlive: true });
// A busy disk can take longer than the load, so the file is made first.
fs.writeFileSync(out, 'time,requests,failed,p95_ms,users\n');
// Whole seconds of the clock, so that each row is of a whole second.
const began = Math.ceil(Date.now() / 1000) * 1000;
const length = Number(seconds) * 1000;
const pauseMs = 20;
// Each user has a connection, and many systems allow a program 1,024 open files.
const mostUsers = 500;
const items = Array.from({ length: 60 }, (_, at) => at * 131).join(',');
let second = empty();
let running = 0;
let recent = [];
let restMs = 0;
let rising = 0;
function empty() {
  return { ok: 0, failed: 0, took: [], users: 0, looks: 0 };
}

function ask(done) {
  const start = performance.now();
  const request = http.get({ port, agent, host: '127.0.0.1', path: `/price?items=${items}` }, (response) => {
    response.resume().on('end', () => {
      const took = performance.now() - start;
      second.took.push(took);
      recent.push(took);
      if (response.statusCode === 200) second.ok++;
      else second.failed++;
      done();
    });
  });
  request.on('error', () => { second.failed++; done(); });
}

function user() {
  if (Date.now() - began < length) ask(() => setTimeout(user, pauseMs));
}

// A server without a free moment answers later with each further user. Answers that take twice the pause, and
// four times as long as those to the first user, show that it has three times the users that it needs for that.
function isAtLimit() {
  if (!recent.length) return running > 0;
  const mean = recent.reduce((sum, took) => sum + took, 0) / recent.length;
  recent = [];
  restMs = restMs || mean;
  return mean > Math.max(2 * pauseMs, 4 * restMs);
}

function wantedUsers(now) {
  if (users) return Math.ceil(((now - began) / (length / 2)) * users);
  return mostUsers ** Math.min(1, rising / (length / 2));
}

function row(time) {
  const took = second.took.sort((a, b) => a - b);
  const p95 = took.length ? took[Math.floor(took.length * 0.95)].toFixed(2) : '';
  fs.appendFileSync(out, [
    new Date(time).toISOString(), second.ok + second.failed, second.failed, p95,
    (second.users / Math.max(1, second.looks)).toFixed(1),
  ].join(',') + '\n');
  second = empty();
}

const stepMs = Math.min(200, length / 20);
let next = began;
let checked = began;
const timer = setInterval(() => {
  const now = Date.now();
  while (now >= next + 1000 && next < began + length) { row(next); next += 1000; }
  if (now < began) return;
  if (now >= began + length) {
    clearInterval(timer);
    agent.destroy();
    process.exit(0);
  }
  if (now >= checked + stepMs) {
    if (!isAtLimit()) rising += now - checked;
    checked = now;
  }
  const wanted = Math.max(1, Math.min(Number(users) || mostUsers, Math.floor(wantedUsers(now))));
  while (running < wanted) { running++; user(); }
  second.users += running;
  second.looks++;
}, 20);
