#!/usr/bin/env bash
# A p-value from simple-statistics is never below 0.001, however large the difference is.
#
# `cumulativeStdNormalProbability(z)` looks z up in a printed table with two decimals of z and four of
# the probability. The table ends at 3.09, where it has 0.999, and each larger z gets the same value: p is
# 0.001 on one side and 0.002 on both, for a difference of 3.1 standard errors as for one of 20. No
# value marks the end. Who tests many functions or routes of two builds divides 0.05 by their number
# (Bonferroni): from 26 on no difference can be significant. A sort by p puts all large differences in
# no order. `probit`, the inverse, is a formula, so it does not lead back.
#
# Seen with simple-statistics 7.12.1 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they compare the latencies of two builds in a script.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts simple-statistics@7.12.1
cat >compare.js <<'JS'
const { cumulativeStdNormalProbability, mean, probit, sampleVariance } = require('simple-statistics');
// The upper tail of the normal distribution: Simpson's rule over the density, from z to z + 12.
function tail(z) {
  const steps = 20000;
  const width = 12 / steps;
  let sum = 0;
  for (let at = 0; at <= steps; at++) {
    const x = z + at * width;
    sum += (at === 0 || at === steps ? 1 : at % 2 ? 4 : 2) * Math.exp(-x * x / 2);
  }
  return (sum * width) / 3 / Math.sqrt(2 * Math.PI);
}
// 30 functions: one is 1 ms slower in the second build, and the others are slower by less.
const functions = 30;
const limit = 0.05 / functions;
console.log(`simple-statistics ${require('simple-statistics/package.json').version}, node ${process.version}; limit for ${functions} functions ${limit.toPrecision(2)}`);
const rows = [0.2, 0.4, 0.6, 1].map((slower) => {
  const before = Array.from({ length: 400 }, (_, at) => 50 + (at * 7919 % 400) / 50);
  const after = before.map((ms) => ms + slower);
  const z = (mean(after) - mean(before)) / Math.sqrt(sampleVariance(before) / 400 + sampleVariance(after) / 400);
  const row = { z, exact: 2 * tail(z), p: 2 * (1 - cumulativeStdNormalProbability(z)) };
  console.log(`slower by ${slower} ms: z ${z.toFixed(2)}, exact p ${row.exact.toPrecision(2)}, simple-statistics ${row.p.toPrecision(2)}`);
  return row;
});
const end = [3.1, 5, 20].map(cumulativeStdNormalProbability);
console.log(`cumulativeStdNormalProbability of 3.1, 5 and 20: ${end}; probit(0.9999999) ${probit(0.9999999).toFixed(2)}`);
const [small, , , large] = rows;
const fits = Math.abs(small.exact - small.p) < 0.01;
process.exit(fits && large.z > 5 && large.exact < 1e-8 && large.p > limit && end.every((value) => value === 0.999) && probit(0.9999999) > 4 ? 0 : 1);
JS
node compare.js
