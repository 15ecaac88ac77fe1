#!/usr/bin/env bash
# Node gives a line that has no source the source of a line above it.
#
# A bundle has lines that come from no source file: the bundler's own code, a footer, a file that was
# appended. The source map has no mapping in these lines. `node --enable-source-maps`, and
# `SourceMap.findEntry()` of node:module, which it uses, look for the last mapping before the
# place in the whole file and not in the line. So an error that is thrown in a footer is reported
# with the file, line and column of the last mapped place above it: here both frames of a check of
# the environment are in `orders.ts`, in the last line of another statement. source-map and
# @jridgewell/trace-mapping, on which other readers of stacks are built, look within the line and have
# no source for the same places. Node documents an empty object for a place without one.
#
# Seen with Node 20.20.2 and 24.21.0 (npm's package `node`), esbuild 0.28.2, source-map 0.8.0,
# @jridgewell/trace-mapping 0.3.31. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they read the stacks of errors of a bundled service.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --foreground-scripts esbuild@0.28.2 source-map@0.8.0 @jridgewell/trace-mapping@0.3.31
for version in 20.20.2 24.21.0; do
  npm install --silent --no-audit --no-fund --foreground-scripts --prefix "node$version" "node@$version"
done
cat >orders.ts <<'TS'
const orders: number[] = [1, 2, 3];
console.log(`${orders.length} orders`);

process.on('exit', function neverReached(code: number) {
  if (code > 7) {
    console.log('many orders');
  }
});
TS
cat >footer.js <<'JS'

// The build appends this; it belongs to no source file.
function checkEnvironment() {
  throw new Error('ORDERS_URL is not set');
}
checkEnvironment();
JS
node_modules/.bin/esbuild orders.ts --bundle --platform=node --format=esm --sourcemap --outfile=bundle.mjs --log-level=error --footer:js="$(cat footer.js)"
cat >read.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { createRequire, SourceMap } from 'node:module';
import { SourceMapConsumer } from 'source-map';
import { TraceMap, originalPositionFor } from '@jridgewell/trace-mapping';
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
const map = JSON.parse(readFileSync('bundle.mjs.map', 'utf8'));
const line = readFileSync('bundle.mjs', 'utf8').split('\n').findIndex((text) => text.includes('new Error')) + 1;
const node = new SourceMap(map).findEntry(line - 1, 8);
const classic = await SourceMapConsumer.with(map, null, (consumer) => consumer.originalPositionFor({ line, column: 8 }));
const traced = originalPositionFor(new TraceMap(map), { line, column: 8 });
console.log(`bundle.mjs, line ${line}, has no mapping. Its source is`);
console.log(`  node ${process.version}: ${node.originalSource}, line ${node.originalLine + 1} (a mapping of line ${node.generatedLine + 1} of the bundle)`);
console.log(`  source-map ${version('source-map')}: ${classic.source}; trace-mapping ${version('@jridgewell/trace-mapping')}: ${traced.source}`);
process.exit(node.originalSource === 'orders.ts' && node.generatedLine < line - 1 && classic.source === null && traced.source === null ? 0 : 1);
JS
for version in 20.20.2 24.21.0; do
  node=node$version/node_modules/node/bin/node
  "$node" read.mjs
  "$node" --enable-source-maps bundle.mjs >output 2>&1 && exit 1
  sed "s|$scratch/||; s|file://||" output | grep -E '^Error|checkEnvironment|bundle.mjs|orders.ts' | head -6
  grep -q 'checkEnvironment (.*orders.ts:[0-9]' output
  ! grep -q 'at .*bundle.mjs' output
done
