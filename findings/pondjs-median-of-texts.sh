#!/usr/bin/env bash
# pondjs sorts durations as texts for their median, so that 1,000 ms comes before 20 ms.
#
# `median` is one of the functions that pondjs offers for windows of a time series. It sorts the values of a window
# without a comparison, and JavaScript then compares their texts: 100, 1000, 20, 80, 9. The middle one is 20, where the
# median is 80. Windows are right only while all their values have as many digits, and nothing says so.
# `percentile(50)` of the package sorts by number and is right for the same window. Here are five windows of a
# minute with the latencies of a spike. The true medians are 91, 97, 99, 210 and 900 ms, and `median` has 91, 91, 91,
# 400 and 2,600 ms: it misses the beginning of the spike, and at its end it has the longest request.
#
# Seen with pondjs 0.9.0 on Node 20.20.2. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they draw the latencies of a load test over time with the charts that belong to the package.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
# pondjs needs @babel/runtime without naming it.
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts pondjs@0.9.0 @babel/runtime@7.26.0
cat >windows.js <<'JS'
const { TimeSeries, median, percentile, count } = require('pondjs');
const version = JSON.parse(require('node:fs').readFileSync('node_modules/pondjs/package.json')).version;
const minutes = [
  [82, 85, 88, 91, 94, 97, 99],
  [88, 91, 94, 97, 99, 104, 120],
  [91, 94, 97, 99, 130, 180, 240],
  [97, 99, 150, 210, 400, 900, 1300],
  [99, 210, 400, 900, 1300, 1800, 2600],
];
const begin = Date.UTC(2026, 4, 1, 10);
const points = minutes.flatMap((values, minute) => values.map((value, at) => [begin + minute * 60e3 + at * 8e3, value]));
const series = new TimeSeries({ name: 'latency', columns: ['time', 'ms'], points });
const windows = series.fixedWindowRollup({
  windowSize: '1m',
  aggregation: { requests: { ms: count() }, median: { ms: median() }, p50: { ms: percentile(50) } },
});
console.log(`pondjs ${version}, node ${process.version}`);
const rows = minutes.map((values, minute) => {
  const row = windows.at(minute).toJSON().data;
  const middle = [...values].sort((a, b) => a - b)[3];
  console.log(`${values.join(' ')}: ${row.requests} requests, median() ${row.median} ms, percentile(50) ${row.p50} ms, by hand ${middle} ms`);
  return { ...row, middle };
});
const right = rows.every(({ p50, middle, requests }) => p50 === middle && requests === 7);
console.log(`median() of the five windows: ${rows.map((row) => row.median)}; percentile(50): ${rows.map((row) => row.p50)}`);
process.exit(right && rows[0].median === rows[0].middle && rows.slice(1).every((row) => row.median !== row.middle) ? 0 : 1);
JS
node windows.js
