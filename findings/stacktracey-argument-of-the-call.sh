#!/usr/bin/env bash
# stacktracey takes a frame of minified code for a place lines below it: an argument in place of the call.
#
# V8 counts the columns of a stack from 1, and a source map counts them from 0. get-source, which stacktracey uses and
# whose README has "indexes here start from 1", and stacktrace-gps hand the column of a frame to the package source-map
# as it is, and so look one column too far. In readable code nothing happens. When a minifier made one character of a
# token, the next column can be that of another token: terser writes a function that is called once into its call,
# as `function(r){...}(t,n)`, and the call has the column of the bracket. Line, text and name of the frame are then those
# of the first argument. Here Node says that the error comes from the call `applyDiscounts(` in line 4, and both
# packages say line 5, a property `order.lines`. Such a place is plausible, so nobody suspects it.
#
# Seen with stacktracey 2.2.0 (get-source 2.0.12), stacktrace-gps 3.1.2 and terser 5.51.4 on Node 20.
# Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they read errors of a minified service, or of a page.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts stacktracey@2.2.0 get-source@2.0.12 stacktrace-gps@3.1.2 terser@5.51.4 @jridgewell/trace-mapping@0.3.31
cat >orders.js <<'JS'
const rates = { eu: { vat: 0.2 }, uk: { vat: 0.2 } };

function total(order) {
  return applyDiscounts(
    order.lines,
    rates[order.region],
  );
}

function applyDiscounts(lines, rate) {
  let sum = 0;
  for (const line of lines) sum += line.price * rate.vat;
  return sum;
}

exports.total = total;
JS
node_modules/.bin/terser orders.js -c -m --toplevel --source-map "url='service.js.map'" -o service.js
cat >run.js <<'JS'
try {
  require('./service.js').total({ lines: [{ price: 7 }], region: 'us' });
} catch (error) {
  // The stack belongs to the minified file.
  require('node:fs').writeFileSync('stack.txt', error.stack);
}
JS
node run.js
cat >compare.mjs <<'JS'
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { TraceMap, originalPositionFor } from '@jridgewell/trace-mapping';
import StackTracey from 'stacktracey';
import StackTraceGPS from 'stacktrace-gps';
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
console.log(['stacktracey', 'get-source', 'stacktrace-gps', 'terser'].map((name) => `${name} ${version(name)}`).join(', '), process.version);
const stack = readFileSync('stack.txt', 'utf8');
const source = readFileSync('orders.js', 'utf8').split('\n');
const map = new TraceMap(readFileSync('service.js.map', 'utf8'));
const gps = new StackTraceGPS({ ajax: async (url) => readFileSync(url, 'utf8') });
const tracey = new StackTracey(stack);
const rows = [];
for (const [at, { file, line, column }] of tracey.items.entries()) {
  if (!file.endsWith('service.js')) continue;
  const truth = originalPositionFor(map, { line, column: column - 1 });
  const shown = tracey.withSourceAt(at);
  const mapped = await gps.getMappedLocation({ functionName: 'minified', fileName: file, lineNumber: line, columnNumber: column });
  rows.push({ truth: truth.line, tracey: shown.line, gps: mapped.lineNumber });
  console.log(`${line}:${column}: line ${truth.line} "${source[truth.line - 1].trim()}" (${truth.name}); stacktracey line ${shown.line} "${shown.sourceLine.trim()}" (${shown.name}); stacktrace-gps line ${mapped.lineNumber} (${mapped.functionName})`);
}
const call = "try { require('./service.js').total({ lines: [{ price: 7 }], region: 'us' }) } catch (error) { console.log(error.stack) }";
const node = [...execFileSync(process.execPath, ['--enable-source-maps', '-e', call], { encoding: 'utf8' }).matchAll(/orders\.js:(\d+)/g)].map(([, line]) => Number(line));
console.log(`node --enable-source-maps: lines ${node.join(', ')} of orders.js`);
const wrong = rows.filter(({ truth, tracey, gps }) => truth === 4 && tracey === 5 && gps === 5);
process.exit(rows.length >= 2 && wrong.length === 1 && rows.map(({ truth }) => truth).join() === node.join() ? 0 : 1);
JS
node compare.mjs
