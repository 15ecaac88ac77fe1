#!/usr/bin/env bash
# bench-node calls durations that are half as long "slower", where its documentation has "faster".
#
# `compareBenchmarks(first, second, alpha)` compares two lists of samples by Welch's t-test. The README
# passes "timing samples in nanoseconds", 50 and 100 of them, and prints `difference: 'faster'`. The
# function takes the larger mean for the faster one, as is right for operations a second, and
# so the documented call returns 'slower' with three stars. The third argument does not reach `difference`
# either: it has a limit of 0.05 of its own. With an alpha of 0.01 a result can be `significant: false` and
# 'faster', and with 0.1 `significant: true` and 'same'.
#
# Seen with bench-node 0.15.0 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they compare the durations of two builds and read the word instead of the means.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts bench-node@0.15.0
cat >compare.js <<'JS'
const { readFileSync } = require('node:fs');
const { compareBenchmarks, welchTTest } = require('bench-node');
const text = readFileSync(require.resolve('bench-node/package.json').replace('package.json', 'README.md'), 'utf8');
const documented = /timing samples in nanoseconds/.test(text) && /difference: 'faster'/.test(text);
console.log(`bench-node ${require('bench-node/package.json').version}, node ${process.version}; README: nanoseconds, 'faster': ${documented}`);
const durations = (middle) => Array.from({ length: 10 }, (_, at) => middle + (at * 7 % 10) / 2);
const row = (title, first, second, alpha) => {
  const { significant, pValue, stars, difference } = compareBenchmarks(first, second, alpha);
  const { mean1, mean2 } = welchTTest(first, second);
  console.log(`${title}: means ${mean1.toFixed(1)} and ${mean2.toFixed(1)}, p ${pValue.toPrecision(2)}, alpha ${alpha}: significant ${significant}, stars '${stars}', difference '${difference}'`);
  return `${significant} ${difference}`;
};
const half = row('50 ns against 100 ns', durations(50), durations(100), 0.05);
const base = Array.from({ length: 30 }, (_, at) => 1000 + (at * 7 % 30) * 2);
const more = (by) => base.map((rate) => rate + by);
const strict = row('operations a second', more(10), base, 0.01);
const lenient = row('operations a second', more(8), base, 0.1);
process.exit(documented && half === 'true slower' && strict === 'false faster' && lenient === 'true same' ? 0 : 1);
JS
node compare.js
