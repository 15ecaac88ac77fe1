#!/usr/bin/env bash
# mediana's median of [1, 1, 100, 100] is 100 as soon as one value is missing, and faster-median's may be a text.
#
# Both packages leave out what the option `no_data` names, such as -1 for a request without an answer; mediana also
# leaves out NaN, null and undefined. mediana decides by the number of all values whether there are two in the
# middle, and not by the number of those that are left. With one missing value of five it takes the upper of the two
# middle ones, and not their mean: 100 for two answers from a cache in 1 ms and two others in 100 ms, where 50.5 is
# right. faster-median has 50.5. But of more than 50 values that are all equal, as whole milliseconds of a fast
# route are, it returns the text "2" and not the number 2, as `precise` is asked the wrong way round, so that
# median + 1 is "21". With 50 values, or with one that differs, it is a number.
#
# Seen with mediana 2.0.0 and faster-median 1.0.0 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they compare the medians of two runs.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts mediana@2.0.0 faster-median@1.0.0
cat >medians.js <<'JS'
const fasterMedian = require('faster-median');
const mediana = require('mediana');
const version = (name) => `${name} ${require(`${name}/package.json`).version}`;
console.log(`${version('mediana')}, ${version('faster-median')}, node ${process.version}`);
const own = (values) => {
  const sorted = values.filter((value) => value >= 0).sort((a, b) => a - b);
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1] + sorted[Math.floor(half)]) / 2;
};
const look = (title, values) => {
  const found = [own(values), mediana.calculate(values, { no_data: -1 }), fasterMedian({ nums: values, no_data: -1 })];
  console.log(`${title}: own ${found[0]}, mediana ${found[1]}, faster-median ${JSON.stringify(found[2])}`);
  return JSON.stringify(found);
};
const equal = (length) => Array(length).fill(2);
const found = [
  look('1, 1, 100, 100 ms', [1, 1, 100, 100]),
  look('the same and one without an answer', [1, 1, 100, 100, -1]),
  look('50 times 2 ms', equal(50)),
  look('51 times 2 ms', equal(51)),
  look('51 times 2 ms and once 3 ms', [...equal(51), 3]),
];
process.exit(found.join(' ') === '[50.5,50.5,50.5] [50.5,100,50.5] [2,2,2] [2,2,"2"] [2,2,2]' ? 0 : 1);
JS
node medians.js
