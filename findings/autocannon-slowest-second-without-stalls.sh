#!/usr/bin/env bash
# autocannon's lowest number of requests in a second leaves out the seconds without any answer.
#
# The README calls `min` "the lowest value for this statistic", and the table of the terminal has it as Min of Req/Sec.
# The value comes from `minNonZeroValue` of a histogram, which leaves out zeros. So a server that stands still for three
# seconds has a minimum above 0, that of the second in which it stopped or went on, and `min` is above `p1` and `p10` of
# the same object, which are 0. `throughput.min` and, where answers take less than 1 ms, `latency.min` are the same.
#
# Seen with autocannon 9.0.0 (hdr-histogram-percentiles-obj 3.0.0) on Node 20.20.2. Exit code 0: still so. 1: it changed.
# Users meet it when they look for stalls, such as those of a database or of the garbage collector, in the result of a test.
set -euo pipefail
scratch=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; wait $server 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --prefer-offline --ignore-scripts autocannon@9.0.0
cat >server.js <<'JS'
// The server answers after 10 ms. Each test begins with a request for /steady or /stall; the second one is not answered
// between 1 s and 4.5 s.
const { createServer } = require('node:http');
const { writeFileSync } = require('node:fs');
const firsts = {};
createServer(({ url }, response) => {
  firsts[url] ??= Date.now();
  const since = Date.now() - firsts[url];
  const stalls = url === '/stall' && since > 1000 && since < 4500;
  setTimeout(() => response.end('answer'), stalls ? 4500 - since : 10);
}).listen(0, '127.0.0.1', function () { writeFileSync('port', String(this.address().port)); });
JS
node server.js &
server=$!
until [[ -s port ]]; do sleep 0.1; done
cat >check.js <<'JS'
const { readFileSync } = require('node:fs');
const [steady, stall] = ['steady', 'stall'].map((name) => {
  const { latency, requests, throughput } = JSON.parse(readFileSync(`${name}.json`, 'utf8'));
  console.log(`${name}: longest answer ${latency.max} ms; requests a second: min ${requests.min}, p1 ${requests.p1}, p10 ${requests.p10}, average ${requests.average}; throughput.min ${throughput.min}`);
  return { latency, requests, throughput };
});
const right = steady.requests.min > 0 && steady.requests.min === steady.requests.p1;
const wrong = stall.latency.max > 3000 && stall.requests.p10 === 0 && stall.requests.min > 0 && stall.throughput.min > 0;
process.exit(right && wrong ? 0 : 1);
JS
echo "autocannon $(node -p "require('autocannon/package.json').version"), node $(node --version)"
for name in steady stall; do node_modules/.bin/autocannon -c 5 -d 6 -j "http://127.0.0.1:$(<port)/$name" >"$name.json" 2>/dev/null; done
node check.js
