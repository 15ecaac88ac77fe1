#!/usr/bin/env bash
# Deno's report of a CPU profile has milliseconds that nobody measured.
#
# `deno run --cpu-prof-md` writes a table of the hottest functions with shares and times. The times are numbers of
# samples times the interval that was asked for. V8 takes fewer samples than that at short intervals, and at 1 ms,
# the default, on a busy machine. V8 records the time of each sample, and the .cpuprofile that `--cpu-prof` writes in
# the same run has it. Here a function works for a second at an interval of 0.1 ms. The .cpuprofile agrees with
# its clock; the report has the same samples, a duration that is right, and a fraction of the second for the function.
#
# Seen with Deno 2.9.6. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they compare the times of two reports, or of a report and a .cpuprofile of one run under load.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --foreground-scripts deno@2.9.6
cat >service.mjs <<'JS'
import { writeFileSync } from 'node:fs';
function hot(ms) {
  let sum = 0;
  for (const end = performance.now() + ms; performance.now() < end;) for (let at = 0; at < 20000; at++) sum += Math.sqrt(sum + at);
  return sum;
}
const from = performance.now();
hot(1000);
writeFileSync('used.json', JSON.stringify({ seconds: (performance.now() - from) / 1000 }));
JS
node_modules/.bin/deno run --quiet --allow-all --cpu-prof --cpu-prof-md --cpu-prof-interval=100 --cpu-prof-dir=profiles service.mjs >/dev/null
cat >compare.js <<'JS'
const { readFileSync, readdirSync } = require('node:fs');
const { seconds } = JSON.parse(readFileSync('used.json', 'utf8'));
const read = (ending) => readFileSync(`profiles/${readdirSync('profiles').find((name) => name.endsWith(ending))}`, 'utf8');
const { nodes, samples, timeDeltas } = JSON.parse(read('.cpuprofile'));
const hot = new Set(nodes.filter(({ callFrame }) => callFrame.functionName === 'hot').map(({ id }) => id));
const inFile = samples.reduce((all, id, at) => all + (hot.has(id) ? (timeDeltas[at + 1] ?? 0) / 1e6 : 0), 0);
const count = samples.filter((id) => hot.has(id)).length;
const report = read('.md');
const [, shown] = /\| *([\d.]+)ms \|[^|]*\|[^|]*\| `hot` \|/.exec(report);
console.log(`by the program's clock: hot ${seconds.toFixed(2)} s`);
console.log(`in the .cpuprofile: ${inFile.toFixed(2)} s, ${count} samples`);
console.log(`in the report: ${(shown / 1000).toFixed(3)} s; its head: ${/^\| [\d.]+ms.*/m.exec(report)[0]}`);
process.exit(Math.abs(inFile / seconds - 1) < 0.15 && shown / 1000 < 0.8 * seconds ? 0 : 1);
JS
node_modules/.bin/deno --version | head -1
node compare.js
