#!/usr/bin/env bash
# The rank sum test of @tracerbench/stats finds a difference between a list of durations and itself.
#
# `getWilcoxonRankSumTest(control, experiment)` is documented as an "independent test of 2 groups ...
# alpha 0.05 critical values", and returns a boolean. It computes U, of which the smaller one is at most
# half of n * n, and compares it with a table of critical rank sums, which are larger by
# n * (n + 1) / 2; the table is also one place off. With 3 to 24 durations a side, of which none repeats
# within a list, it is true for each pair of lists. With 25, the most it takes, it is false for each
# pair, for the table ends before. The confidence interval of the same package (`Stats`) is right: it has
# no difference for equal lists, and one for a shift of 1 s.
#
# Seen with @tracerbench/stats 8.0.1 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they compare a few recordings of two builds in a script.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @tracerbench/stats@8.0.1
cat >compare.js <<'JS'
const { Stats, getWilcoxonRankSumTest } = require('@tracerbench/stats');
console.log(`@tracerbench/stats ${require('@tracerbench/stats/package.json').version}, node ${process.version}`);
const seen = [];
for (const count of [4, 10, 20, 24, 25]) {
  const control = Array.from({ length: count }, (_, at) => 100 + at * 2);
  const row = [0, 1, 1000].map((later) => {
    const experiment = control.map((ms) => ms + later);
    const { confidenceInterval } = new Stats({ name: 'route', control: [...control], experiment: [...experiment], confidenceLevel: 0.95 });
    const differs = getWilcoxonRankSumTest([...control], [...experiment]);
    return { later, differs, interval: confidenceInterval.isSig };
  });
  seen.push({ count, row });
  console.log(`${count} durations a side: ${row.map(({ later, differs, interval }) => `${later} ms longer: rank sum test ${differs}, interval ${interval}`).join('; ')}`);
}
const test = seen.every(({ count, row }) => row.every(({ differs }) => differs === count < 25));
const right = seen.every(({ row }) => !row[0].interval && row[2].interval);
process.exit(test && right ? 0 : 1);
JS
node compare.js
