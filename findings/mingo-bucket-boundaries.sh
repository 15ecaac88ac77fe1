#!/usr/bin/env bash
# mingo counts a latency of exactly 100 ms in the bucket from 10 to 100.
#
# mingo runs MongoDB's queries over lists of objects in JavaScript. MongoDB's documentation of `$bucket` has each two
# boundaries as "the inclusive lower boundary and the exclusive upper boundary" of a bucket: 100 belongs to the one that
# begins with 100. mingo counts a value on a boundary in the bucket below it. Only the first and the last boundary
# are as in MongoDB. Whole milliseconds are on a boundary very often: here a service takes 100 ms for each answer, and
# all of them stand among those below 100 ms. Values between the boundaries are right.
#
# Seen with mingo 7.2.7 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they count requests by latency for a limit such as "below 100 ms".
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts mingo@7.2.7
cat >buckets.js <<'JS'
const { readFileSync } = require('node:fs');
const { Aggregator } = require('mingo');
const { version } = JSON.parse(readFileSync('node_modules/mingo/package.json', 'utf8'));
const boundaries = [0, 10, 100, 1000];
const truth = (values) => boundaries.map((from, at) => values.filter((ms) => ms >= from && !(ms >= boundaries[at + 1])).length);
const ask = (name, values) => {
  const stage = { $bucket: { groupBy: '$ms', boundaries, default: 1000, output: { count: { $sum: 1 } } } };
  const rows = new Aggregator([stage]).run(values.map((ms) => ({ ms })));
  const counts = boundaries.map((from) => rows.find((row) => row._id === from)?.count ?? 0);
  console.log(`${name}: from 0, 10, 100 and 1,000 ms: mingo ${counts.join(', ')}; MongoDB's rule ${truth(values).join(', ')}`);
  return counts.join();
};
console.log(`mingo ${version}, node ${process.version}`);
const between = ask('5, 50, 500, 5000', [5, 50, 500, 5000]);
const on = ask('0, 10, 100, 1000', [0, 10, 100, 1000]);
const same = ask('20 answers of 100 ms', new Array(20).fill(100));
process.exit(between === '1,1,1,1' && on === '2,1,0,1' && same === '0,20,0,0' ? 0 : 1);
JS
node buckets.js
