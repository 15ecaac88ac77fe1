// A load test in plain Node: users that ask, and ask again 20 ms after the answer.
//
//   node load.js OUT.csv [SECONDS] [USERS]
//
// The number of users rises over the first half and stays. OUT.csv gets a row a second.
'use strict';
const fs = require('fs');
const http = require('http');

const [out, seconds = '10', users = '8'] = process.argv.slice(2);
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
const most = Number(users);
const items = Array.from({ length: 60 }, (_, at) => at * 131).join(',');
let second = empty();
let running = 0;
function empty() {
  return { ok: 0, failed: 0, took: [] };
}

function ask(done) {
  const start = performance.now();
  const request = http.get({ port, agent, host: '127.0.0.1', path: `/price?items=${items}` }, (response) => {
    response.resume().on('end', () => {
      second.took.push(performance.now() - start);
      if (response.statusCode === 200) second.ok++;
      else second.failed++;
      done();
    });
  });
  request.on('error', () => { second.failed++; done(); });
}

function user() {
  if (Date.now() - began < length) ask(() => setTimeout(user, 20));
}

function row(time) {
  const took = second.took.sort((a, b) => a - b);
  const p95 = took.length ? took[Math.floor(took.length * 0.95)].toFixed(2) : '';
  fs.appendFileSync(out, [
    new Date(time).toISOString(), second.ok + second.failed, second.failed, p95, running,
  ].join(',') + '\n');
  second = empty();
}

let next = began;
const timer = setInterval(() => {
  const now = Date.now();
  while (now >= next + 1000 && next < began + length) { row(next); next += 1000; }
  if (now < began) return;
  if (now >= began + length) {
    clearInterval(timer);
    agent.destroy();
    process.exit(0);
  }
  const wanted = Math.max(1, Math.min(most, Math.ceil((now - began) / (length / 2) * most)));
  while (running < wanted) { running++; user(); }
}, 20);
