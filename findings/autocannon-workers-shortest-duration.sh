#!/usr/bin/env bash
# autocannon with workers and an amount reports the duration of the worker that ends first.
#
# `-w 2 -a 40` gives each of two threads 20 requests. They end at different times, as when a load balancer puts their
# connections on a fast and on a slow server. The result has the `duration`, the `start` and the `finish` of the one
# that ended first, and the requests of both: here 40 requests in 1.0 s for a test of 9.0 s, so `total / duration` is
# 40 a second instead of 4.4. `requests.average` is 8 instead of 4.45, since the counts of the seconds are added up
# two by two as they come in: two seconds of the slow thread alone become one. The README tells how the amount is
# divided and which options each worker has for itself, not this. One thread with the same two connections is right.
#
# Seen with autocannon 9.0.0 on Node 20. Exit code 0: still so. 1: the behaviour changed. Users meet it when they
# compute a rate, or a rate of bytes, from a result with workers.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts autocannon@9.0.0
cat >load.js <<'JS'
const http = require('node:http');
const autocannon = require('autocannon');
let number = 0;
let times = [];
const server = http.createServer((request, response) => {
  times.push(Date.now());
  setTimeout(() => response.end('ok'), request.socket.delay);
});
// Each second connection reaches a slow server.
server.on('connection', (socket) => { socket.delay = number++ % 2 ? 400 : 20; });
const load = async (options) => {
  times = [];
  const { duration, start, finish, requests } = await autocannon({ url: `http://127.0.0.1:${server.address().port}`, connections: 2, amount: 40, ...options });
  const seconds = (times.at(-1) - times[0]) / 1000;
  console.log(`${JSON.stringify(options)}: ${requests.total} requests, duration ${duration} s (finish - start: ${(finish - start) / 1000} s), average ${requests.average}; the server: ${times.length} requests in ${seconds.toFixed(1)} s, ${(times.length / seconds).toFixed(1)} a second`);
  return { duration, seconds, average: requests.average, total: requests.total };
};
server.listen(0, '127.0.0.1', async () => {
  console.log(`autocannon ${require('autocannon/package.json').version}, node ${process.version}`);
  const one = await load({});
  const two = await load({ workers: 2 });
  const right = one.total === 40 && one.duration >= one.seconds;
  process.exit(right && two.total === 40 && two.duration < 0.7 * two.seconds && two.average > 1.3 * one.average ? 0 : 1);
});
JS
node load.js
