#!/usr/bin/env bash
# autocannon-compare calls the difference of two runs significant when it is noise.
#
# The mean and the deviation of autocannon's `requests` are over its samples, one a second: ten for
# a test of 10 s. autocannon-compare gives its t-test the number of all requests instead, so it
# takes 11,000 values where there were ten. The same rates are in `throughput`, where it takes the
# seconds. Here two runs go up and down between 620 and 1,500 requests a second, and their means
# differ by 2 %. Every answer has 1,200 bytes, so `throughput` is the same series times 1,200. One
# report has p = 0.87 for the throughput, and *** (p below 0.001) for the requests.
#
# Seen with autocannon-compare 0.4.0. Exit code 0: still so. 1: it changed.
# Users meet it when a pipeline compares a build with the one before.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund autocannon-compare@0.4.0
cat >compare.js <<'JS'
const compare = require('autocannon-compare');
const { version } = require('autocannon-compare/package.json');
const describe = (values) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const stddev = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return { mean, stddev, total: mean * values.length };
};
const run = (rates) => ({
  requests: describe(rates),
  throughput: describe(rates.map((rate) => 1200 * rate)),
  latency: { mean: 10, stddev: 4 },
  duration: rates.length,
});
const before = run([1400, 700, 1500, 800, 1300, 900, 1450, 750, 1350, 850]);
const after = run([1380, 760, 1490, 790, 1200, 980, 1500, 640, 1400, 620]);
const { requests, throughput } = compare(before, after);
console.log(`autocannon-compare ${version}`);
console.log('requests  ', requests);
console.log('throughput', throughput);
process.exit(requests.difference === throughput.difference && requests.significant === '***' && throughput.significant === '' && throughput.pValue > 0.5 ? 0 : 1);
JS
node compare.js
