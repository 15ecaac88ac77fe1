#!/usr/bin/env bash
# percentile-rank has 100 % for a duration that is shorter than most others, when it is the last one of the list.
#
# The README says that the package "returns the same values as the Excel PERCENTRANK and PERCENTRANK.INC functions",
# which take the values in any order. The package looks for the value and returns its place in the list, so the rank is
# the time at which a request was sent. A value that is not in the list gets a rank between the first two neighbours
# around it, wherever they are. The README has no word about order; its example is sorted. Nothing is thrown. A sorted
# copy has the ranks of Excel's formula: the number of smaller values, divided by all but one.
#
# Seen with percentile-rank 1.0.6 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they ask which share of the requests was faster than a limit, such as 200 ms.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts percentile-rank@1.0.6
cat >rank.js <<'JS'
const percentRank = require('percentile-rank');
const { version } = require('percentile-rank/package.json');
const durations = [120, 480, 90, 310, 250, 70, 400, 150, 220, 110];
const sorted = [...durations].sort((a, b) => a - b);
// The formula of Excel for a value of the list.
const formula = (value) => durations.filter((other) => other < value).length / (durations.length - 1);
console.log(`percentile-rank ${version}, node ${process.version}`);
const ranks = [110, 480, 200].map((value) => {
  const row = { value, listed: percentRank(durations, value), ordered: percentRank(sorted, value), excel: formula(value) };
  console.log(`${value} ms: as listed ${row.listed.toFixed(3)}, sorted ${row.ordered.toFixed(3)}${durations.includes(value) ? `, Excel's formula ${row.excel.toFixed(3)}` : ''}`);
  return row;
});
const [fast, slow, between] = ranks;
const right = [fast, slow].every(({ ordered, excel }) => Math.abs(ordered - excel) < 1e-9);
const wrong = fast.listed === 1 && slow.listed < 0.12 && slow.excel === 1 && between.listed < 0.1 && between.ordered > 0.4;
process.exit(right && wrong ? 0 : 1);
JS
node rank.js
