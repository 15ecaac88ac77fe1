#!/usr/bin/env bash
# speedscope does not end a trace event whose end has no name.
#
# In the Trace Event Format an event of phase E needs pid, tid, ts and nothing else: it ends the
# event that its thread began last. chrome-trace-event, the npm package behind the traces of webpack,
# writes that for `tracer.end()`. speedscope looks for an event by the name of the end, finds none,
# and leaves the event open, with a warning in the console of the browser. What comes afterwards is
# then called by it, and the profile ends where the last event begins. Here `parse` and `render`
# take 100 ms each, one after the other within `request`: speedscope shows a request of 100 ms
# instead of 200, and in it `render`, called by `parse`, with 0 ms. With names in the ends all
# three are right.
#
# Seen with speedscope 1.25.0, chrome-trace-event 1.0.4. Exit code 0: still so. 1: it changed.
# Users meet it when a service writes a trace of its own steps and they open it in speedscope.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund speedscope@1.25.0 chrome-trace-event@1.0.4
cat >service.js <<'JS'
const { createWriteStream } = require('node:fs');
const { Tracer } = require('chrome-trace-event');
for (const named of [true, false]) {
  const tracer = new Tracer({ noStream: true });
  const step = (name, work) => {
    tracer.begin(name);
    work();
    if (named) tracer.end(name);
    else tracer.end();
  };
  const wait = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  step('request', () => {
    step('parse', wait);
    step('render', wait);
  });
  tracer.pipe(createWriteStream(named ? 'named.json' : 'unnamed.json'));
  tracer.flush();
}
JS
node service.js
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
const open = async (file) => {
  const { profiles } = await importer.importProfileGroupFromBase64(file, readFileSync(file).toString('base64'));
  const rows = new Map();
  const visit = (node, caller) => {
    rows.set(node.frame.name.split(' ')[0], { caller: caller?.frame.name.split(' ')[0], ms: node.getTotalWeight() / 1000 });
    for (const child of node.children) visit(child, node);
  };
  for (const root of profiles[0].getAppendOrderCalltreeRoot().children) visit(root);
  for (const [name, { caller, ms }] of rows) print(`${file}: ${name} ${ms.toFixed(0)} ms, called by ${caller ?? 'nothing'}`);
  return rows;
};
console.warn = () => {};
const named = await open('named.json');
const unnamed = await open('unnamed.json');
process.exit(named.get('render').caller === 'request' && unnamed.get('render').caller === 'parse' && unnamed.get('render').ms < 10 && unnamed.get('request').ms < 0.7 * named.get('request').ms ? 0 : 1);
JS
echo "speedscope $(node -p "require('speedscope/package.json').version"), node $(node --version)"
node open.mjs 2>/dev/null
