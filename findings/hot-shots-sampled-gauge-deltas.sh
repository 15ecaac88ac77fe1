#!/usr/bin/env bash
# With a sampleRate, hot-shots drops most changes of a gauge, and nobody makes up for them.
#
# A service counts its requests in flight with `gaugeDelta(name, 1)` and `gaugeDelta(name, -1)`. The
# option `sampleRate` of the client is for "all StatsD methods", and so nine of ten
# changes are never sent at a rate of 0.1. A server multiplies counters by ten to make up for it. The
# ones that arrive are `name:+1|g|@0.1`, and statsd ignores the rate of a gauge. Ups and downs are
# dropped at random, each for itself, so the gauge walks away from the truth: here it is 0 after
# each request has ended, and the server has a number between -62 and 77, which stays. A rate of 1
# at the call (`gaugeDelta(name, 1, 1)`) is right.
#
# Seen with hot-shots 17.1.1 on Node 20, and the gauges of statsd 0.9.0. The random numbers are those
# of a generator with a fixed seed. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they look for the number of requests in flight at which a service gives way.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts hot-shots@17.1.1
cat >flight.js <<'JS'
const StatsD = require('hot-shots');
// The minimal standard generator in place of Math.random, which hot-shots asks whether to send.
const seeded = (seed) => {
  let state = seed;
  Math.random = () => (state = (state * 16807) % 2147483647) / 2147483647;
};
// What a server of statsd has in the end: counters by their rate, gauges as they come.
function received(lines) {
  const state = { requests: 0, flight: 0, sent: 0 };
  for (const line of lines) {
    const [, name, value, type, rate] = /^(\w+):([-+]?\d+)\|(\w)(?:\|@([\d.]+))?/.exec(line);
    if (type === 'c') state[name] += Number(value) / Number(rate ?? 1);
    else if (/^[-+]/.test(value)) state[name] += Number(value);
    if (name === 'flight') state.sent++;
  }
  return state;
}
const requests = 10000;
function run(title, options, ...atCall) {
  const results = [1, 2, 3, 4, 5].map((seed) => {
    seeded(seed * 7919);
    const client = new StatsD({ mock: true, ...options });
    for (let index = 0; index < requests; index++) {
      client.increment('requests');
      client.gaugeDelta('flight', 1, ...atCall);
      client.gaugeDelta('flight', -1, ...atCall);
    }
    return received(client.mockBuffer);
  });
  const list = (key) => results.map((result) => Math.round(result[key]));
  console.log(`${title}: requests ${list('requests')}; changes sent ${list('sent')}; in flight at the end ${list('flight')}`);
  return results;
}
console.log(`hot-shots ${require('hot-shots/package.json').version}, node ${process.version}; ${requests} requests, none in flight at the end, five seeds`);
const every = run('without sampleRate', {});
const sampled = run('sampleRate 0.1', { sampleRate: 0.1 });
const named = run('sampleRate 0.1, gaugeDelta(name, value, 1)', { sampleRate: 0.1 }, 1);
const right = (results) => results.every(({ flight, sent }) => flight === 0 && sent === 2 * requests);
const off = sampled.every(({ sent, requests: counted }) => sent < 0.2 * 2 * requests && Math.abs(counted / requests - 1) < 0.1);
process.exit(right(every) && right(named) && off && sampled.filter(({ flight }) => Math.abs(flight) > 1).length >= 4 ? 0 : 1);
JS
node flight.js
