#!/usr/bin/env bash
# speedscope puts native work on top of the JavaScript function that ran before it.
#
# In a .cpuprofile V8 has the node `(program)` beside all functions, directly below the root, for
# time in which no JavaScript is on the stack: what Node does between callbacks. speedscope
# puts it (as it does with the garbage collector) on the last stack it saw, so that the flame
# graph and the totals show it as called by whatever function came before. Here a main thread
# receives messages of a worker. V8 reads them in native code before it calls the listener,
# which runs for 0.3 ms and asks for more with `postMessage`. Most of the time of reading
# appears below the calls that came before it: `postMessage` and `now`, which call nothing.
#
# Seen with speedscope 1.25.0 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it with workers, TLS and large bodies, where the native part is large.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund speedscope@1.25.0
cat >program.js <<'JS'
const { Worker, isMainThread, parentPort } = require('worker_threads');
if (!isMainThread) {
  const batch = Array.from({ length: 2000 }, (_, id) => ({ id, name: `row ${id}`, tags: [id, id + 1] }));
  parentPort.on('message', () => parentPort.postMessage(batch));
} else {
  const worker = new Worker(__filename);
  let left = 600;
  worker.on('message', function received() {
    const end = performance.now() + 0.3;
    while (performance.now() < end);
    if (left-- > 0) worker.postMessage('more');
    else process.exit();
  });
  for (let at = 0; at < 8; at++) worker.postMessage('more');
}
JS
node --cpu-prof --cpu-prof-interval 500 --cpu-prof-dir profiles program.js
cp "$(grep -l '"received"' profiles/*)" main.cpuprofile
# The importer is taken out of the page's bundle.
cat >open.mjs <<'JS'
import { readFileSync, readdirSync } from 'node:fs';
import { runInThisContext } from 'node:vm';
const release = 'node_modules/speedscope/dist/release/';
const code = readFileSync(release + readdirSync(release).find((name) => /^speedscope-.*\.js$/.test(name)), 'utf8');
const at = /async function \w+\(\w+,\w+\)\{return\(await (\w+)\)\.importProfileGroupFromBase64/.exec(code);
const page = new Proxy(() => {}, {
  get: (_, key) => (key === Symbol.toPrimitive ? () => '' : page),
  apply: () => page,
  construct: () => page,
  set: () => true,
});
const location = { hash: '', protocol: 'file:' };
Object.assign(globalThis, { window: globalThis, self: globalThis, document: page, localStorage: page, location });
const print = console.log;
console.log = () => {};
try {
  runInThisContext(`${code.slice(0, at.index)}globalThis.IMPORTER=()=>${at[1]};${code.slice(at.index)}`);
} catch {
  // There is no page to draw on; the importer is there by then.
}
const importer = await globalThis.IMPORTER();
const bytes = readFileSync('main.cpuprofile');
const { profiles } = await importer.importProfileGroupFromBase64('main.cpuprofile', bytes.toString('base64'));
// In the file: the parent of (program), and the time of each node.
const { nodes, samples, timeDeltas } = JSON.parse(bytes);
const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
const names = new Map(nodes.map(({ id, callFrame }) => [id, callFrame.functionName]));
const program = nodes.find(({ callFrame }) => callFrame.functionName === '(program)').id;
let time = 0;
samples.forEach((id, index) => { if (id === program) time += timeDeltas[index + 1] ?? 0; });
// In speedscope: the time of (program) below each caller.
let [all, below] = [0, 0];
const callers = new Map();
const visit = (node, caller) => {
  const { name } = node.frame;
  if (name === '(program)') {
    all += node.getTotalWeight();
    if (caller) {
      below += node.getTotalWeight();
      callers.set(caller, (callers.get(caller) ?? 0) + node.getTotalWeight());
    }
  }
  for (const child of node.children) visit(child, name);
};
for (const root of profiles[0].getAppendOrderCalltreeRoot().children) visit(root, '');
const seconds = (micros) => `${(micros / 1e6).toFixed(2)} s`;
const worst = [...callers].sort((a, b) => b[1] - a[1]).slice(0, 3);
print(`in the file: (program) ${seconds(time)}, its caller is ${names.get(parents.get(program))}`);
print(`in speedscope: (program) ${seconds(all)}, of it ${seconds(below)} below functions:`,
  worst.map(([name, micros]) => `${name} ${seconds(micros)}`).join(', '));
process.exit(names.get(parents.get(program)) === '(root)' && below > 0.3 * all && below > 50e3 ? 0 : 1);
JS
echo "speedscope $(node -p "require('speedscope/package.json').version"), node $(node --version)"
node open.mjs
