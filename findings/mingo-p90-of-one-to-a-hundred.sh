#!/usr/bin/env bash
# The 90th percentile of the numbers 1 to 100 is 20 in mingo, and their median is 53.
#
# mingo runs MongoDB's queries over lists of objects in JavaScript. Its `$percentile` and `$median` sort the values with
# JavaScript's `sort()`, which compares texts: 1, 10, 100, 11. So latencies of different lengths are in no order. Of
# eight answers from 5 to 1,000 ms the p50, p90 and p99 are all 9 ms, a p90 can be below the median, and nothing is
# printed. `$avg`, `$max` and `$sort` of the same values are right. With values of one number of digits, such as 101 to
# 200, the percentiles are right too, so a small check may show nothing.
#
# Seen with mingo 7.2.7 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they ask a list of requests for its percentiles in the language of MongoDB.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts mingo@7.2.7
cat >percentiles.js <<'JS'
const { readFileSync } = require('node:fs');
const { Aggregator } = require('mingo');
const { version } = JSON.parse(readFileSync('node_modules/mingo/package.json', 'utf8'));
const shares = [0.5, 0.9, 0.99];
// Nearest rank, in the order of the numbers.
const truth = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  return shares.map((share) => sorted[Math.ceil(sorted.length * share) - 1]);
};
console.log(`mingo ${version}, node ${process.version}; p50, p90 and p99`);
const ask = (name, values) => {
  const group = { _id: null, p: { $percentile: { input: '$ms', p: shares, method: 'approximate' } }, max: { $max: '$ms' } };
  const [row] = new Aggregator([{ $group: group }]).run(values.map((ms) => ({ ms })));
  console.log(`${name}: mingo ${row.p.join(', ')}; nearest rank ${truth(values).join(', ')}; $max ${row.max}`);
  return row.p;
};
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, at) => from + at);
const hundred = ask('1 to 100', range(1, 100));
const latencies = ask('5, 7, 8, 9, 10, 20, 100, 1000', [5, 7, 8, 9, 10, 20, 100, 1000]);
const equal = ask('101 to 200', range(101, 200));
const near = equal.every((value, at) => Math.abs(value - truth(range(101, 200))[at]) <= 1);
process.exit(hundred[1] === 20 && hundred[1] < hundred[0] && latencies.every((value) => value === 9) && near ? 0 : 1);
JS
node percentiles.js
