#!/usr/bin/env bash
# csvtojson loses the column p99 of a table that also has p99.9.
#
# The package takes a dot in the name of a column for a path, as its documentation of `flatKeys` has it: `a.b` becomes
# `{ a: { b } }`. In a table with `p99` and `p99.9` the second is a place inside the first. The value of p99 is there
# already, and is replaced by a list whose tenth entry is the p99.9. With the columns the other way round the p99.9
# is lost, and nothing shows that it was there. So do `http.codes` and `http.codes.200`, as Artillery has them. No error
# or event appears, and each row is affected. `flatKeys: true` keeps all columns, and so does csv-parse.
#
# Seen with csvtojson 2.0.14 and csv-parse 7.0.3 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they read the table of a load test in a script.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts csvtojson@2.0.14 csv-parse@7.0.3
cat >table.js <<'JS'
const { readFileSync } = require('node:fs');
const { parse } = require('csv-parse/sync');
const csvtojson = require('csvtojson');
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
const tables = ['route,p50,p99,p99.9\n/orders,10,20,300\n', 'route,p99.9,p99\n/orders,300,20\n', 'second,http.codes,http.codes.200\n1,60,58\n'];
(async () => {
  console.log(`csvtojson ${version('csvtojson')}, csv-parse ${version('csv-parse')}, node ${process.version}`);
  const lost = [];
  for (const table of tables) {
    const [row] = await csvtojson({ checkType: true }).fromString(table);
    const [flat] = await csvtojson({ checkType: true, flatKeys: true }).fromString(table);
    const [other] = parse(table, { columns: true });
    // Every number of the row, wherever it stands.
    const numbers = (value) => (typeof value === 'object' && value ? Object.values(value).flatMap(numbers) : typeof value === 'number' ? [value] : []);
    const truth = Object.values(other).map(Number).filter((value) => !Number.isNaN(value));
    const missing = truth.filter((value) => !numbers(row).includes(value));
    console.log(`${table.trim().replace('\n', ' | ')}: ${JSON.stringify(row).replace(/(null,)+/, 'null, ... ,')}; lost ${missing}`);
    lost.push(missing.length === 1 && numbers(flat).length === truth.length ? missing[0] : undefined);
  }
  process.exit(lost.join() === '20,300,60' ? 0 : 1);
})();
JS
node table.js
