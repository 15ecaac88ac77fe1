#!/usr/bin/env bash
# SWC forgets the names of all functions of a minified service when its input has a source map.
#
# A source map can hold, for each place, the name that the source had there. Stacks and profiles need it, as a minified
# function is called `n`. SWC writes these names for a file that a person wrote. For the output of TypeScript or of a
# bundler, whose map SWC gets as `inputSourceMap` (`transform`) or `sourceMap.content` (`minify`), or which lies beside the
# file, the map that it writes has lines and files, and not a single name. To join two maps it moves the entries of the
# first one to their places in the output, with their own names, and TypeScript's map has none, as TypeScript renames
# nothing. terser and esbuild take the names of the second map then, in the same two steps.
#
# Seen with @swc/core 1.16.22, terser 5.51.4, esbuild 0.28.2 and typescript 5.9.3 on Node 20. Exit code 0: still so.
# 1: the behaviour changed.
# Users meet it when they profile a service that was compiled in two steps: all functions have names of one letter.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --foreground-scripts @swc/core@1.16.22 terser@5.51.4 esbuild@0.28.2 typescript@5.9.3 @jridgewell/trace-mapping@0.3.31
cat >orders.ts <<'TS'
interface Row { price: number; count: number }
function sumOfRows(rows: Row[]): number {
  let sum: number = 0;
  for (const row of rows) sum += priceOfRow(row);
  return sum;
}
function priceOfRow(row: Row): number {
  if (row.count < 0) throw new Error('less than nothing');
  return row.price * row.count;
}
console.log([1, 2, 3].map((count: number) => sumOfRows([{ price: 2, count }, { price: 3, count }])));
TS
cat >minify.mjs <<'JS'
import { readFileSync } from 'node:fs';
import swc from '@swc/core';
import { TraceMap, originalPositionFor } from '@jridgewell/trace-mapping';
import { transform as esbuild } from 'esbuild';
import { minify as terser } from 'terser';
import typescript from 'typescript';
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
console.log(['@swc/core', 'terser', 'esbuild', 'typescript'].map((name) => `${name} ${version(name)}`).join(', '), `node ${process.version}`);
const { outputText, sourceMapText: first } = typescript.transpileModule(readFileSync('orders.ts', 'utf8'), {
  fileName: 'orders.ts', compilerOptions: { target: 'es2022', sourceMap: true },
});
const code = outputText.replace(/\/\/# sourceMappingURL=.*/, '');
const inline = `${code}//# sourceMappingURL=data:application/json;base64,${Buffer.from(first).toString('base64')}`;
const minify = { compress: false, mangle: { toplevel: true } };
const transform = { filename: 'service.js', swcrc: false, sourceMaps: true, minify: true, jsc: { target: 'es2022', minify } };
const ways = {
  'SWC transform, no map': () => swc.transform(code, { ...transform, inputSourceMap: false }),
  'SWC transform, inputSourceMap': () => swc.transform(code, { ...transform, inputSourceMap: first }),
  'SWC minify, no map': () => swc.minify(code, { ...minify, sourceMap: true }),
  'SWC minify, sourceMap.content': () => swc.minify(code, { ...minify, sourceMap: { filename: 'service.js', content: first } }),
  'terser, sourceMap.content': () => terser(code, { ...minify, toplevel: true, sourceMap: { content: first } }),
  'esbuild, inline map': () => esbuild(inline, { minify: true, format: 'iife', sourcemap: 'external', sourcefile: 'service.js' }),
};
const seen = {};
for (const [way, run] of Object.entries(ways)) {
  const result = await run();
  const map = new TraceMap(result.map);
  // The place of a function's name, as in the profiles of V8's tick log and in the calls of a stack.
  const functions = [...result.code.matchAll(/function (\w+)\(/g)].map((match) => {
    const before = result.code.slice(0, match.index + 'function '.length).split('\n');
    const { source, line, name } = originalPositionFor(map, { line: before.length, column: before.at(-1).length });
    return `${match[1]} is ${name} of ${source}:${line}`;
  });
  seen[way] = { names: map.names.length, named: functions.filter((one) => /sumOfRows|priceOfRow/.test(one)).length, functions: functions.length };
  console.log(`${way}: ${map.names.length} names; ${functions.join(', ')}`);
}
const [plain, joined, plainMinified, joinedMinified, ...others] = Object.values(seen);
const kept = [plain, plainMinified, ...others].every(({ names, named }) => names > 0 && named === 2);
process.exit(kept && [joined, joinedMinified].every(({ names, named, functions }) => names === 0 && named === 0 && functions === 2) ? 0 : 1);
JS
node minify.mjs
