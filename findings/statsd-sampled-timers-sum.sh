#!/usr/bin/env bash
# statsd counts all calls of a sampled timer, and adds up the time of the sampled ones alone.
#
# A service under load sends one duration in ten, marked `|ms|@0.1`. statsd (the npm package, the
# server of Etsy) multiplies `count` and `count_ps` by ten. `sum`, which its page on metric types lists beside
# them, and `sum_squares` are those of the durations that arrived. So `sum / count`, the mean over
# several flushes or hosts (a mean of `mean` would be wrong), is a tenth of the true mean, and the
# time spent per second is a tenth too. `count_90` counts the sampled ones, and is smaller than a
# tenth of `count`. Services that sample at different rates cannot be compared by `sum` at all.
#
# Seen with statsd 0.9.0 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they turn sampling on for a load test: the route seems ten times as fast.
set -euo pipefail
scratch=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts statsd@0.9.0
cat >printer.js <<'JS'
const { appendFileSync } = require('node:fs');
exports.init = (_start, _config, events) => {
  events.on('flush', (_time, metrics) => {
    if (metrics.timers.all?.length || metrics.timers.sampled?.length) {
      appendFileSync('flushes', `${JSON.stringify(metrics.timer_data)}\n`);
    }
  });
  return true;
};
JS
port=$(node -e "const s = require('dgram').createSocket('udp4'); s.bind(0, '127.0.0.1', () => { console.log(s.address().port); s.close(); })")
cat >config.js <<JS
{ port: $port, address: '127.0.0.1', mgmt_address: '127.0.0.1', mgmt_port: 0, flushInterval: 2000, backends: ['$scratch/printer.js'] }
JS
node node_modules/statsd/stats.js config.js >server.txt 2>&1 &
server=$!
cat >send.mjs <<'JS'
import { createSocket } from 'node:dgram';
import { existsSync, readFileSync } from 'node:fs';
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const port = Number(process.argv[2]);
const socket = createSocket('udp4');
// 1,000 calls of 100 ms each: all of them in one timer, and every tenth in the other. One datagram
// holds everything, so that one flush has both.
const lines = [...Array(100).fill('sampled:100|ms|@0.1'), ...Array(1000).fill('all:100|ms')].join('\n');
let rows = [];
for (let turn = 0; turn < 40 && rows.length === 0; turn++) {
  socket.send(lines, port, '127.0.0.1');
  for (let wait = 0; wait < 30 && rows.length === 0; wait++) {
    await pause(100);
    if (existsSync('flushes')) rows = readFileSync('flushes', 'utf8').trim().split('\n').filter(Boolean);
  }
}
socket.close();
const timers = JSON.parse(rows[0]);
const means = {};
for (const name of ['all', 'sampled']) {
  const { count, count_90, sum, mean } = timers[name];
  means[name] = sum / count;
  console.log(`${name}: count ${count}, count_90 ${count_90}, sum ${sum} ms, mean ${mean} ms; sum / count ${means[name]} ms`);
}
process.exit(timers.all.count === timers.sampled.count && means.all === 100 && means.sampled === 10 ? 0 : 1);
JS
echo "statsd $(node -p "require('statsd/package.json').version"), node $(node --version)"
node send.mjs "$port"
