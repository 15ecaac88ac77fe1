#!/usr/bin/env bash
# autocannon cuts off the fraction of each latency, and prints means with two decimals.
#
# The histogram of autocannon counts whole milliseconds, and takes a latency of 0.9 ms for 0. The
# mean is that of the cut values, half a millisecond too short, and is printed as "0.02 ms" in the
# README. A Node server that answers in 0.7 ms has a median of 0 ms and a mean near 0, so the
# latencies of two builds of a fast route differ by what happened to pass 1 ms. The event `response` of
# the same run has each latency with its fraction.
#
# Seen with autocannon 9.0.0 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they compare the mean latency with that of wrk, of k6 or of the server's log.
set -euo pipefail
scratch=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund autocannon@9.0.0
cat >server.js <<'JS'
require('http')
  .createServer((req, res) => {
    const began = performance.now();
    while (performance.now() - began < 0.4);
    res.end('ok');
  })
  .listen(0, '127.0.0.1', function () { console.log(this.address().port); });
JS
node server.js >port &
server=$!
until [[ -s port ]]; do sleep 0.1; done
cat >load.js <<'JS'
const autocannon = require('autocannon');
const times = [];
const run = autocannon({ url: `http://127.0.0.1:${process.argv[2]}`, connections: 1, duration: 4 }, (error, { latency, requests }) => {
  if (error) throw error;
  times.sort((a, b) => a - b);
  const mean = (values) => values.reduce((sum, ms) => sum + ms, 0) / values.length;
  const exact = mean(times);
  const cut = mean(times.map(Math.floor));
  const median = times[Math.ceil(times.length / 2) - 1];
  console.log('autocannon', require('autocannon/package.json').version, 'one connection,', requests.average, 'requests a second');
  console.log(`${times.length} latencies of the event "response": mean ${exact.toFixed(2)} ms, median ${median.toFixed(2)} ms, mean without fractions ${cut.toFixed(2)} ms`);
  console.log(`result: totalCount ${latency.totalCount}, mean ${latency.average} ms, median ${latency.p50} ms`);
  const still = latency.totalCount === times.length && Math.abs(latency.average - cut) < 0.02 + 0.02 * cut && exact - latency.average > 0.15 && latency.p50 === Math.floor(median);
  process.exit(still ? 0 : 1);
});
run.on('response', (client, status, bytes, ms) => times.push(ms));
JS
node load.js "$(cat port)"
