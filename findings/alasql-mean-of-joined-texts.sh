#!/usr/bin/env bash
# The mean of the texts 10, 9 and 100 is 36,366.7 in AlaSQL, and their median is 100.
#
# AlaSQL runs SQL over lists of objects in JavaScript. Readers of CSV, such as csv-parse, papaparse and fast-csv, give
# texts unless they are told otherwise. `AVG` adds them up with `+`, which joins texts: "109100" divided by 3. `MEDIAN`
# sorts them as texts: 10, 100, 9. `SUM`, `MIN` and `MAX` are missing from the row. A group of one row is right, and so
# are comparisons such as `WHERE ms > 50`, which look at the number. SQLite takes the same texts for numbers, and other
# databases refuse the query. AlaSQL's own reader, `FROM CSV(...)`, makes numbers of them, and is right.
#
# Seen with alasql 4.19.1 and csv-parse 7.0.3 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they ask the table of a load test for the mean of each route.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts alasql@4.19.1 csv-parse@7.0.3
cat >requests.csv <<'CSV'
route,ms
/orders,10
/orders,9
/orders,100
/health,7
CSV
cat >ask.js <<'JS'
const { readFileSync } = require('node:fs');
const alasql = require('alasql');
const { parse } = require('csv-parse/sync');
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
const columns = 'route, COUNT(*) AS requests, AVG(ms) AS mean, MEDIAN(ms) AS median, MAX(ms) AS longest';
const rows = parse(readFileSync('requests.csv', 'utf8'), { columns: true });
const texts = alasql(`SELECT ${columns} FROM ? GROUP BY route`, [rows]);
const numbers = alasql(`SELECT ${columns} FROM ? GROUP BY route`, [rows.map((row) => ({ ...row, ms: Number(row.ms) }))]);
console.log(`alasql ${version('alasql')}, csv-parse ${version('csv-parse')}, node ${process.version}`);
for (const at of [0, 1]) console.log(`texts ${JSON.stringify(texts[at])}\n  numbers ${JSON.stringify(numbers[at])}`);
const [orders, health] = texts;
const wrong = Math.round(orders.mean) === 36367 && Number(orders.median) === 100 && !('longest' in orders && orders.longest !== undefined);
const right = Number(health.mean) === 7 && Math.round(numbers[0].mean) === 40 && numbers[0].median === 10 && numbers[0].longest === 100;
process.exit(wrong && right ? 0 : 1);
JS
node ask.js
