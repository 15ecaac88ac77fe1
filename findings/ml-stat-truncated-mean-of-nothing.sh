#!/usr/bin/env bash
# ml-stat's mean of the middle nine tenths of 100 latencies is 0 ms, whatever they are.
#
# The comment of `truncatedMean(values, percent)` has the second argument as the share of the values "to keep", from 0 to 1.
# The code removes this share at each of the two ends. To keep 0.9, it removes the first 90 values and the last 90, adds up
# none, and divides by minus 80: the mean is -0. To keep 0.4, it is the mean of the middle 20 of 100 values and not of 40.
# Nothing is thrown. With 0.05 it is the mean of nine tenths of the values. The README has no word about it.
#
# Seen with ml-stat 1.3.3 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they leave out the slowest and the fastest runs of a benchmark.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts ml-stat@1.3.3
grep -B 6 'truncatedMean = ' node_modules/ml-stat/array.js | grep percent
cat >mean.js <<'JS'
const { readFileSync } = require('node:fs');
const { array } = require('ml-stat');
const { version } = JSON.parse(readFileSync('node_modules/ml-stat/package.json', 'utf8'));
// Latencies in ms with a long tail.
const latencies = Array.from({ length: 100 }, (_, at) => 10 + 40 * -Math.log(1 - (at + 0.5) / 100));
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const middle = (share) => {
  const ends = Math.round((latencies.length * (1 - share)) / 2);
  return mean(latencies.slice(ends, latencies.length - ends));
};
console.log(`ml-stat ${version}, node ${process.version}; the mean of all ${latencies.length} values is ${mean(latencies).toFixed(1)} ms`);
const rows = [0.9, 0.75, 0.4].map((share) => {
  const row = { theirs: array.truncatedMean(latencies, share), kept: middle(share) };
  console.log(`keep ${share}: truncatedMean ${row.theirs.toFixed(1)} ms, the middle ${share} of the values ${row.kept.toFixed(1)} ms`);
  return row;
});
const near = (value, other) => Math.abs(value - other) < 1e-9;
console.log(`truncatedMean(values, 0.05) is ${array.truncatedMean(latencies, 0.05).toFixed(1)} ms`);
const holds = rows[0].theirs === 0 && rows[1].theirs === 0 && near(rows[2].theirs, middle(0.2)) && !near(middle(0.2), middle(0.4));
process.exit(holds && near(array.truncatedMean(latencies, 0.05), middle(0.9)) ? 0 : 1);
JS
node mean.js
