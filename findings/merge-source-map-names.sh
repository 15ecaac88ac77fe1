#!/usr/bin/env bash
# merge-source-map and multi-stage-sourcemap forget the names of all functions of a minified service.
#
# A service in TypeScript that is minified has two source maps: one from JavaScript to TypeScript, and one from
# the minified text to JavaScript. The second one has the names that the minifier replaced. TypeScript renames
# nothing, so the first one has no names. Both packages look a place up in the first map, and take the name from
# there, which is none. The map that they return has the right places and an empty list `names`, without
# a warning. @jridgewell/remapping joins the same two maps and keeps the names. A stack trace or
# profile that is read with the joined map has `e` and `t` in place of `makeRow` and `rows`.
#
# Seen with merge-source-map 1.1.0, multi-stage-sourcemap 0.3.1, @jridgewell/remapping 2.3.5, TypeScript 5.6.3,
# terser 5.51.4 on Node 20.20.2. Exit code 0: still so. 1: it changed. Users meet it in builds of several steps.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund merge-source-map@1.1.0 multi-stage-sourcemap@0.3.1 @jridgewell/remapping@2.3.5 \
  typescript@5.6.3 terser@5.51.4 @jridgewell/trace-mapping@0.3.31
cat >service.ts <<'TS'
interface Row { id: number }
export function serve(): Row[] {
  function listUsers(count: number): Row[] {
    const rows: Row[] = [];
    for (let id = 0; id < count; id++) rows.push(makeRow(id));
    return rows;
  }
  function makeRow(id: number): Row {
    if (id > 5) throw new Error('too many');
    return { id };
  }
  return listUsers(10);
}
TS
cat >join.js <<'JS'
const { readFileSync } = require('node:fs');
const { minify } = require('terser');
const typescript = require('typescript');
const merge = require('merge-source-map');
const { transfer } = require('multi-stage-sourcemap');
const remapping = require('@jridgewell/remapping');
const { originalPositionFor, TraceMap } = require('@jridgewell/trace-mapping');
(async () => {
  const compilerOptions = { sourceMap: true, module: 'commonjs', target: 'es2022' };
  const compiled = typescript.transpileModule(readFileSync('service.ts', 'utf8'), { fileName: 'service.ts', compilerOptions });
  const first = JSON.parse(compiled.sourceMapText);
  const minified = await minify({ 'service.js': compiled.outputText }, { sourceMap: true, compress: { inline: false } });
  const second = JSON.parse(minified.map);
  // The function that makes a row: its name in the minified text stands before the text of its error.
  const column = /function \w\((\w)\)\{if\(/.exec(minified.code).index + 'function '.length;
  const joined = {
    'merge-source-map': merge(first, second),
    'multi-stage-sourcemap': JSON.parse(transfer({ fromSourceMap: second, toSourceMap: first })),
    '@jridgewell/remapping': JSON.parse((remapping.default ?? remapping)([second, first], () => null).toString()),
  };
  console.log(`TypeScript's map: ${first.names.length} names; terser's map: ${second.names.length} names`);
  const seen = {};
  for (const [name, map] of Object.entries(joined)) {
    const { source, line, name: original } = originalPositionFor(new TraceMap(map), { line: 1, column });
    seen[name] = { names: map.names.length, place: `${source}:${line}`, original };
    console.log(`${name}: ${map.names.length} names; the function \`${minified.code[column]}\` is ${original} at ${source}:${line}`);
  }
  const { 'merge-source-map': one, 'multi-stage-sourcemap': two, '@jridgewell/remapping': three } = seen;
  const places = [one, two, three].every(({ place }) => place === 'service.ts:8');
  process.exit(places && one.names === 0 && two.names === 0 && one.original === null && three.original === 'makeRow' ? 0 : 1);
})();
JS
echo "merge-source-map $(node -p "require('merge-source-map/package.json').version"), multi-stage-sourcemap $(node -p "require('multi-stage-sourcemap/package.json').version"), node $(node --version)"
node join.js
