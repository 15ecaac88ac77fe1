#!/usr/bin/env bash
# PM2's "HTTP Mean Latency" is the median.
#
# PM2 shows it in `pm2 describe` and `pm2 monit` for each web service, and its exporters for Prometheus take
# the name over. It comes from @pm2/io, which PM2 loads into the process. The value is the 50th percentile of
# the latencies: its key is `internal/http/builtin/latency/p50`. Here nine answers in ten take 10 ms and the
# tenth takes 1.5 s. The mean is near 160 ms, and "HTTP Mean Latency" is near 10 ms. However long
# the slow requests become, the "mean" does not move before they are half of all. The process sends its
# metrics to its parent, which is PM2, or the small script below.
#
# Seen with @pm2/io 6.1.0, of PM2 7.0.4, on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they watch a service in PM2 during a load test.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @pm2/io@6.1.0
cat >serve.js <<'JS'
require('@pm2/io').init({ metrics: { http: true } });
const http = require('http');
const times = [];
let turn = 0;
const server = http.createServer((req, res) => {
  const began = Date.now();
  res.once('finish', () => times.push(Date.now() - began));
  setTimeout(() => res.end('ok'), ++turn % 10 === 0 ? 1500 : 10);
});
server.listen(0, '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  for (let request = 0; request < 40; request++) await (await fetch(url)).text();
  times.sort((a, b) => a - b);
  const mean = times.reduce((sum, ms) => sum + ms, 0) / times.length;
  process.send({ type: 'measured', data: { count: times.length, mean, median: (times[19] + times[20]) / 2 } });
});
JS
cat >watch.js <<'JS'
const { fork } = require('child_process');
const service = fork('serve.js');
let measured;
service.on('message', ({ type, data }) => {
  if (type === 'measured') measured = data;
  const shown = type === 'axm:monitor' && data['HTTP Mean Latency'];
  // The first message after the last answer has all of them.
  if (!measured || !shown) return;
  const value = Number.parseFloat(shown.value);
  console.log(`@pm2/io ${JSON.parse(require('fs').readFileSync('node_modules/@pm2/io/package.json', 'utf8')).version}, node ${process.version}`);
  console.log(`measured: ${measured.count} answers, mean ${measured.mean.toFixed(1)} ms, median ${measured.median} ms`);
  console.log(`HTTP Mean Latency: ${shown.value} ${shown.unit ?? ''}`);
  service.kill();
  process.exit(Math.abs(value - measured.median) <= 2 && measured.mean > 2 * value ? 0 : 1);
});
setTimeout(() => {
  service.kill();
  process.exit(2);
}, 120_000);
JS
node watch.js
