#!/usr/bin/env bash
# `bun --cpu-prof` has nothing of what worker threads did.
#
# `node --cpu-prof` and `deno run --cpu-prof` write a profile for each thread. Bun's option has the name, the file
# names and the format of Node's, and writes one file, that of the main thread. What a worker does is in no file,
# and nothing is printed about it. Here the main thread works for 0.3 s and two workers for 0.9 s each. Bun's
# profile holds 0.3 s of 2.1 s of work, and the time in which the main thread waited for the workers stands at its
# first function.
#
# Seen with Bun 1.4.5, Deno 2.9.6 and Node 20. Exit code 0: still so. 1: the behaviour changed. Users meet it in a
# service that moves its heavy work to workers: the profile has all but that.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --foreground-scripts bun@1.4.5 deno@2.9.6
cat >service.mjs <<'JS'
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker } from 'node:worker_threads';
function work(ms) {
  let sum = 0;
  for (const end = performance.now() + ms; performance.now() < end;) for (let at = 0; at < 5000; at++) sum += Math.sqrt(sum + at);
}
function inMain() {
  work(300);
}
function inWorker() {
  work(900);
}
if (isMainThread) {
  const workers = [1, 2].map(() => new Worker(fileURLToPath(import.meta.url)));
  await Promise.all(workers.map((worker) => new Promise((done) => worker.on('exit', done))));
  inMain();
} else {
  inWorker();
}
JS
node --cpu-prof --cpu-prof-dir=node service.mjs
node_modules/.bin/bun --cpu-prof --cpu-prof-dir=bun service.mjs
node_modules/.bin/deno run --quiet --allow-all --cpu-prof --cpu-prof-dir=deno service.mjs
cat >compare.js <<'JS'
const { readFileSync, readdirSync } = require('node:fs');
let holds = true;
for (const [name, workers] of [['node', 2], ['bun', 0], ['deno', 2]]) {
  const files = readdirSync(name);
  const seconds = { inMain: 0, inWorker: 0 };
  const threads = { inMain: 0, inWorker: 0 };
  for (const file of files) {
    const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(`${name}/${file}`, 'utf8'));
    const byId = new Map(nodes.map((node) => [node.id, node]));
    for (const node of nodes) for (const id of node.children ?? []) byId.get(id).parent = node;
    for (const own of ['inMain', 'inWorker']) {
      const isBelow = (node) => node !== undefined && (node.callFrame.functionName === own || isBelow(node.parent));
      const steps = samples.map((id, at) => (isBelow(byId.get(id)) ? timeDeltas[at] / 1e6 : 0));
      const sum = steps.reduce((all, one) => all + one, 0);
      seconds[own] += sum;
      if (sum > 0) threads[own]++;
    }
  }
  console.log(`${name}: ${files.length} files; inMain ${seconds.inMain.toFixed(1)} s, inWorker ${seconds.inWorker.toFixed(1)} s`);
  holds &&= threads.inMain === 1 && threads.inWorker === workers && files.length === workers + 1 && seconds.inMain > 0.15;
}
process.exit(holds ? 0 : 1);
JS
echo "bun $(node_modules/.bin/bun --version), $(node_modules/.bin/deno --version | head -1), node $(node --version)"
node compare.js
