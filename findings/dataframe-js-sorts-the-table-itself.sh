#!/usr/bin/env bash
# dataframe-js reorders the table that is sorted, though its tables are "immutable".
#
# `df.sortBy('p99', true)` returns a sorted table. By the README a DataFrame is "an immutable data structure".
# But sortBy sorts the list of rows of `df` itself, and then makes a second table of the same rows. A script that
# prints the slowest seconds of a load test goes on with the seconds in that order. Here the test has 60 rows of a
# second with 100 requests each. From its first row to its last it took 60 s, with 100 requests a second; after the
# slowest three were printed, the same lines of code find 14 s and 429 a second. `tail` is wrong too. With
# `df.filter(() => true).sortBy(...)`, which sorts a copy, all stays right.
#
# Seen with dataframe-js 1.4.4 on Node 20.20.2. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they look for the slowest seconds or functions in a table that they go on to use.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts dataframe-js@1.4.4
cat >table.js <<'JS'
const { writeFileSync } = require('node:fs');
const { DataFrame } = require('dataframe-js');
const { version } = require('dataframe-js/package.json');
const rows = Array.from({ length: 60 }, (_, second) => ({ second, requests: 100, p99: 80 + ((second * 37 + 11) % 60) }));
const columns = ['second', 'requests', 'p99'];
writeFileSync('load.csv', [columns, ...rows.map((row) => columns.map((name) => row[name]))].map((cells) => cells.join()).join('\n'));
const show = (title, { seconds, rate, tail }) => console.log(`${title}: ${seconds} s, ${rate.toFixed(0)} requests a second, last rows ${tail}`);
function summary(df) {
  const times = df.toArray('second');
  const seconds = times[times.length - 1] - times[0] + 1;
  return { seconds, rate: df.stat.sum('requests') / seconds, tail: df.tail(3).toArray('second').join() };
}
(async () => {
  const read = async () => (await DataFrame.fromCSV(`${process.cwd()}/load.csv`)).castAll([Number, Number, Number]);
  console.log(`dataframe-js ${version}, node ${process.version}`);
  const df = await read();
  const before = summary(df);
  const slowest = df.sortBy('p99', true).head(3).toArray('second');
  const after = summary(df);
  const other = await read();
  const same = other.filter(() => true).sortBy('p99', true).head(3).toArray('second');
  const copied = summary(other);
  const truth = [...rows].sort((a, b) => b.p99 - a.p99).slice(0, 3).map(({ second }) => second);
  show('before sorting', before);
  console.log(`the slowest seconds: ${slowest}, by hand ${truth}, of a copy ${same}`);
  show('the same table after df.sortBy()', after);
  show('a table of which a copy was sorted', copied);
  const right = [before, copied].every(({ seconds, rate, tail }) => seconds === 60 && rate === 100 && tail === '57,58,59');
  const found = slowest.join() === truth.join() && same.join() === truth.join();
  process.exit(right && found && after.seconds !== 60 && after.tail !== before.tail ? 0 : 1);
})();
JS
node table.js
