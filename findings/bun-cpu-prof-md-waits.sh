#!/usr/bin/env bash
# Bun's report of a CPU profile counts a wait as work of the function that runs after it.
#
# `bun --cpu-prof-md` writes a table of the hottest functions, "designed for LLM analysis". Bun takes no samples
# while the loop waits, and gives each sample the time since the one before it. The first sample after a wait is
# of the function that was called then, and has the whole wait. Here `first` works for 0.6 s, the program waits
# for 1.5 s, and `second` works for 0.3 s. The report has `second` at the top with 1.8 s, three quarters of all,
# and its column of samples, further down, has twice as many for `first`. A service that is not at its limit waits
# most of the time.
#
# Seen with Bun 1.4.5. Exit code 0: still so. 1: the behaviour changed. Users meet it when they give the report of
# a service to a model, or read its first table.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --foreground-scripts bun@1.4.5
cat >service.mjs <<'JS'
import { writeFileSync } from 'node:fs';
const used = {};
function first(ms) {
  let sum = 0;
  for (const end = performance.now() + ms; performance.now() < end;) for (let at = 0; at < 20000; at++) sum += Math.sqrt(sum + at);
  return sum;
}
function second(ms) {
  let sum = 0;
  for (const end = performance.now() + ms; performance.now() < end;) for (let at = 0; at < 20000; at++) sum += Math.sqrt(sum + at);
  return sum;
}
const run = (work, ms) => {
  const from = performance.now();
  work(ms);
  used[work.name] = (performance.now() - from) / 1000;
};
run(first, 600);
await new Promise((done) => setTimeout(done, 1500));
run(second, 300);
writeFileSync('used.json', JSON.stringify(used));
JS
node_modules/.bin/bun --cpu-prof-md --cpu-prof-dir=profiles service.mjs
cat >compare.js <<'JS'
const { readFileSync, readdirSync } = require('node:fs');
const used = JSON.parse(readFileSync('used.json', 'utf8'));
const report = readFileSync(`profiles/${readdirSync('profiles').find((name) => name.endsWith('.md'))}`, 'utf8');
const table = report.slice(report.indexOf('## Hot Functions'), report.indexOf('## Call Tree'));
const shown = { first: 0, second: 0 };
for (const [, number, unit, name] of table.matchAll(/^\| *[\d.]+% \| *([\d.]+)(us|ms|s) \|.*\| `(first|second)` \|/gm)) shown[name] += Number(number) * { us: 1e-6, ms: 1e-3, s: 1 }[unit];
const row = (seconds) => ['first', 'second'].map((name) => `${name} ${seconds[name].toFixed(2)} s`).join(', ');
console.log(`by the program's clock: ${row(used)}`);
console.log(`in the report: ${row(shown)}`);
console.log(/^\*\*Top 10.*/m.exec(report)[0]);
process.exit(shown.second > used.second + 1.2 && shown.second > shown.first && Math.abs(shown.first - used.first) < 0.2 ? 0 : 1);
JS
echo "bun $(node_modules/.bin/bun --version)"
node compare.js
