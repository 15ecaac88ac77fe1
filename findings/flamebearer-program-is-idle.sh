#!/usr/bin/env bash
# flamebearer shows a thread that works in native code as idle.
#
# In a .cpuprofile V8 has `(idle)` for the time in which Node waits, and `(program)` for native code
# that no JavaScript called: what Node does before it calls a listener, such as reading messages of
# workers and parsing what came from sockets. flamebearer's report has the two in one number, "idle", and
# its "busy" lacks the second. Shares of stacks are of that "busy" time, so they are too large. Here
# a main thread reads large messages of a worker all the time. Most of its samples are `(program)`,
# few are `(idle)`, and the report has both together as idle. Of a thread with nothing but `(program)` it
# has "thread idle - nothing to report". DevTools and speedscope show `(program)`.
#
# Seen with flamebearer 2.1.0 on Node 24.11.1. Exit code 0: still so. 1: the behaviour changed.
# Users meet it with workers, TLS and large bodies: the report of a service at its limit has room left.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund node@24.11.1 flamebearer@2.1.0
cat >app.js <<'JS'
const { Worker } = require('node:worker_threads');
// The worker prepares its messages once, and sends several at a time, so the main thread never waits.
const worker = new Worker(
  `const { parentPort } = require('node:worker_threads');
   const rows = Array.from({ length: 4000 }, (_, id) => ({ id, name: 'name ' + id, tags: ['a', 'b', id] }));
   parentPort.on('message', () => parentPort.postMessage(rows));`,
  { eval: true },
);
let received = 0;
worker.on('message', () => {
  received++;
  if (performance.now() - began < 2500) worker.postMessage(0);
  else if (--open === 0) worker.terminate();
});
const began = performance.now();
let open = 12;
for (let at = 0; at < open; at++) worker.postMessage(0);
JS
node=node_modules/.bin/node
"$node" --cpu-prof --cpu-prof-dir=profiles app.js
cat >pick.js <<'JS'
const { readFileSync, readdirSync, writeFileSync } = require('node:fs');
const profiles = readdirSync('profiles').map((name) => JSON.parse(readFileSync(`profiles/${name}`, 'utf8')));
const main = profiles.find(({ nodes }) => nodes.some(({ callFrame }) => callFrame.url.endsWith('/app.js')));
writeFileSync('main.cpuprofile', JSON.stringify(main));
// The same file with the node `(program)` alone.
const { id } = main.nodes.find(({ callFrame }) => callFrame.functionName === '(program)');
writeFileSync('program.cpuprofile', JSON.stringify({ ...main, samples: main.samples.map(() => id) }));
JS
"$node" pick.js
for name in main program; do "$node" node_modules/.bin/flamebearer "$name.cpuprofile" >"$name.txt"; done
cat >compare.js <<'JS'
const { readFileSync } = require('node:fs');
const profile = JSON.parse(readFileSync('main.cpuprofile', 'utf8'));
const names = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame.functionName]));
// flamebearer gives a sample the step before it.
const ms = { '(idle)': 0, '(program)': 0, all: 0 };
profile.samples.forEach((id, at) => {
  const step = profile.timeDeltas[at] / 1000;
  ms.all += step;
  if (names.get(id) in ms) ms[names.get(id)] += step;
});
const text = readFileSync('main.txt', 'utf8');
const [, busy, , idle] = /busy: ([\d.]+) ms \(([\d.]+)%\)\s+idle: ([\d.]+) ms/.exec(text).map(Number);
const { version } = JSON.parse(readFileSync('node_modules/flamebearer/package.json', 'utf8'));
const whole = (number) => number.toFixed(0);
console.log(`flamebearer ${version}, node ${process.version}`);
console.log(`the file: ${whole(ms.all)} ms, of which (program) ${whole(ms['(program)'])} and (idle) ${whole(ms['(idle)'])}`);
console.log(`flamebearer: busy ${whole(busy)} ms, idle ${whole(idle)} ms`);
const nothing = /nothing to report/.test(readFileSync('program.txt', 'utf8'));
console.log(`the file with (program) alone: ${nothing ? 'nothing to report' : 'a report'}`);
const both = ms['(program)'] + ms['(idle)'];
const share = ms['(program)'] / ms.all;
process.exit(share > 0.15 && Math.abs(idle - both) < 0.02 * ms.all && nothing ? 0 : 1);
JS
"$node" compare.js
