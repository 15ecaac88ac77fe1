#!/usr/bin/env bash
# jStat's z-test of the mean of 1,000 latencies has a p of 0.9 where its t-test has one of 0.00001.
#
# `jStat.ttest(value, list, sides)` and `jStat.ztest(value, list, sides)` have the same arguments and, but for a word,
# the same description: "the p-value of value given the data" in the list. For 1,000 values the two tests of a mean are
# nearly equal. jStat's t-test divides by the standard error, the deviation over the root of n. Its z-test divides by the
# deviation of single values, so it asks how unusual one latency of that length would be. p does not fall when more
# requests are measured: with 100 times as many it is the same. A difference of means is never found.
#
# Seen with jstat 1.9.6 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they test whether a build is slower than a known mean.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts jstat@1.9.6
cat >test.js <<'JS'
const { jStat } = require('jstat');
const { version } = require('jstat/package.json');
// The two sides of the normal distribution outside of z: Simpson's rule over the density.
function outside(z) {
  const steps = 20000;
  const width = 12 / steps;
  let sum = 0;
  for (let at = 0; at <= steps; at++) {
    const x = Math.abs(z) + at * width;
    sum += (at === 0 || at === steps ? 1 : at % 2 ? 4 : 2) * Math.exp(-x * x / 2);
  }
  return (2 * sum * width) / 3 / Math.sqrt(2 * Math.PI);
}
// Latencies from 40 to 60 ms, all equally often, whose mean is 50.8 ms; the build before had 50 ms.
const latencies = (n) => Array.from({ length: n }, (_, at) => 40.8 + ((at * 7919) % n) * 20 / (n - 1));
console.log(`jstat ${version}, node ${process.version}; is the mean 50 ms?`);
const rows = [100, 1000, 10000].map((n) => {
  const list = latencies(n);
  const z = (50 - jStat.mean(list)) / (jStat.stdev(list, true) / Math.sqrt(n));
  const row = { truth: outside(z), t: jStat.ttest(50, list, 2), z: jStat.ztest(50, list, 2, true) };
  console.log(`${n} latencies, mean ${jStat.mean(list).toFixed(2)} ms, z ${z.toFixed(2)}: p ${row.truth.toPrecision(2)}; ttest ${row.t.toPrecision(2)}, ztest ${row.z.toPrecision(2)}`);
  return row;
});
const [hundred, thousand, most] = rows;
const near = (a, b) => Math.abs(a - b) < 0.2 * b;
process.exit(near(hundred.t, hundred.truth) && thousand.truth < 0.001 && thousand.t < 0.001 && rows.every(({ z }) => z > 0.85) && most.t < 1e-6 ? 0 : 1);
JS
node test.js
