#!/usr/bin/env bash
# stats-analysis finds no spike among durations in seconds, whatever its height up to 2.5 s, and two in milliseconds.
#
# `indexOfOutliers` and `filterOutliers` compare each value with the one before it, by default. The package rounds each
# difference to a whole number and adds one, before it divides them by their median. Among seconds, the usual differences
# of some milliseconds become 1, and a limit of 3 is the difference of 2.5 s: the answer of 2.4 s among answers of 11 ms is
# no outlier. The same answers in milliseconds have two of them: the slow answer and the one behind it, which took 11 ms and
# is removed as well. The README mentions neither the rounding nor a unit. The method `MAD` of the package finds the
# slow answer alone, in both units.
#
# Seen with stats-analysis 2.0.0 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they clean durations that Prometheus, nginx or curl have in seconds.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts stats-analysis@2.0.0
cat >spikes.js <<'JS'
const { readFileSync } = require('node:fs');
const stats = require('stats-analysis');
const { version } = JSON.parse(readFileSync('node_modules/stats-analysis/package.json', 'utf8'));
const usual = [10, 11, 12, 11, 10, 12, 11, 13, 10, 11];
const SLOW_AT = 5;
console.log(`stats-analysis ${version}, node ${process.version}`);
const rows = {};
for (const slow of [400, 900, 2400]) {
  const milliseconds = usual.map((value, at) => (at === SLOW_AT ? slow : value));
  const seconds = milliseconds.map((value) => value / 1000);
  const find = (values, method) => stats.indexOfOutliers(values, method).map((at) => values[at]);
  rows[slow] = { s: find(seconds), ms: find(milliseconds), madS: find(seconds, 'MAD'), madMs: find(milliseconds, 'MAD') };
  const { s, ms, madS, madMs } = rows[slow];
  console.log(`one of ${slow} ms: in seconds [${s}], in milliseconds [${ms}]; by MAD [${madS}] and [${madMs}]`);
}
const holds = Object.entries(rows).every(([slow, { s, ms, madS, madMs }]) =>
  s.length === 0 && ms.join() === `${slow},11` && madS.join() === String(slow / 1000) && madMs.join() === slow);
process.exit(holds ? 0 : 1);
JS
node spikes.js
