#!/usr/bin/env bash
# The geometric mean of 200 durations of 10 ms is 0 s, and of 200 durations of 100 ms Infinity, in two npm packages.
#
# simple-statistics and ml-stat multiply all values and take the root of the product. A number of JavaScript ends at
# 1.8e308 and, near zero, at 5e-324. 155 durations of 100 ms are beyond the first, and 162 of 0.01 s below the second.
# No error is raised, and fewer values are right. The documentation of `geometricMean` in both has no limit. The sum of
# the logarithms has none either: jStat's `geomean` is right, and so is `logAverage` of simple-statistics, which its
# documentation recommends for large or small products.
#
# Seen with simple-statistics 7.12.1, ml-stat 1.3.3 and jstat 1.9.6 on Node 20. Exit code 0: still so. 1: it changed.
# Users meet it when they put the durations of many requests or benchmarks into one number: the fastest build has 0.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --prefer-offline --ignore-scripts simple-statistics@7.12.1 ml-stat@1.3.3 jstat@1.9.6
cat >mean.js <<'JS'
const simple = require('simple-statistics');
const ml = require('ml-stat');
const { jStat } = require('jstat');
for (const name of ['simple-statistics', 'ml-stat', 'jstat']) {
  console.log(`${name} ${JSON.parse(require('node:fs').readFileSync(`node_modules/${name}/package.json`, 'utf8')).version}`);
}
const means = { 'simple-statistics': simple.geometricMean, 'ml-stat': ml.array.geometricMean, jstat: jStat.geomean, logAverage: simple.logAverage };
const seen = {};
for (const [count, value] of [[100, 0.01], [200, 0.01], [100, 100], [200, 100]]) {
  const list = new Array(count).fill(value);
  const row = Object.entries(means).map(([name, mean]) => [name, Number(mean(list).toPrecision(6))]);
  console.log(`${count} values of ${value}: ${row.map(([name, mean]) => `${name} ${mean}`).join(', ')}`);
  seen[`${count} ${value}`] = row.map(([, mean]) => mean).join();
}
const expected = { '100 0.01': '0.01,0.01,0.01,0.01', '200 0.01': '0,0,0.01,0.01', '100 100': '100,100,100,100', '200 100': 'Infinity,Infinity,100,100' };
process.exit(JSON.stringify(seen) === JSON.stringify(expected) ? 0 : 1);
JS
node mean.js
