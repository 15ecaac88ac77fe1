#!/usr/bin/env bash
# Node and Rolldown ignore a source map that consists of sections, without a word.
#
# The standard of source maps (ECMA-426) has two forms: one list of mappings, and an index map, whose `sections` are maps
# of parts of the file. Metro and Closure Compiler write the second one. The documentation of Node's
# --enable-source-maps has "Enable Source Map support for stack traces", and Node's class SourceMap reads sections. But the
# flag looks for the list `sources` of the whole file first, throws an error because there is none, and swallows it:
# the stack has the places of the bundle, and findSourceMap() returns undefined. Rolldown, the bundler of Vite, makes an
# output map without a mapping. source-map-support, esbuild, terser and rollup read the same file. SWC and Babel fail
# with a message.
#
# Seen with Node 20.20.2 and 24.11.1 (npm's package `node`), rolldown 1.3.3, rollup 4.68.8, esbuild 0.28.2, terser 5.51.4,
# source-map-support 0.5.21. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when the errors of a bundle have no source, although its map lies beside it.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --foreground-scripts rolldown@1.3.3 rollup@4.68.8 esbuild@0.28.2 terser@5.51.4 source-map-support@0.5.21
for version in 20.20.2 24.11.1; do
  npm install --silent --no-audit --no-fund --foreground-scripts --prefix "node$version" "node@$version"
done
cat >bundle.mjs <<'JS'
import { writeFileSync } from 'node:fs';
import { transformSync } from 'esbuild';
// Two files, each compiled for itself, one behind the other in one line of the bundle.
const files = {
  'orders.ts': 'function sumOf(rows: number[]): number {\n  if (!rows.length) throw new Error("no rows");\n  return rows.length;\n}\n',
  'users.ts': 'type User = { id?: number };\nfunction nameOf(user: User): number {\n  return sumOf(user.id ? [user.id] : []);\n}\ntry { nameOf({}); } catch (error) { console.log((error as Error).stack); }\n',
};
let code = '';
const sections = [];
for (const [name, text] of Object.entries(files)) {
  const result = transformSync(text, { loader: 'ts', sourcefile: name, sourcemap: 'external', minifyWhitespace: true });
  sections.push({ offset: { line: 0, column: code.length }, map: JSON.parse(result.map) });
  code += result.code.trim();
}
writeFileSync('bundle.js', `${code}\n//# sourceMappingURL=bundle.js.map\n`);
writeFileSync('bundle.js.map', JSON.stringify({ version: 3, file: 'bundle.js', sections }));
JS
node bundle.mjs
cat >tools.mjs <<'JS'
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { transform } from 'esbuild';
import { rolldown } from 'rolldown';
import { rollup } from 'rollup';
import { minify } from 'terser';
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
const map = JSON.parse(readFileSync('bundle.js.map', 'utf8'));
const code = readFileSync('bundle.js', 'utf8').replace(/\/\/# source.*/, '');
const inline = `${code}//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}`;
const stack = (node, ...options) => execFileSync(node, [...options, 'bundle.js'], { encoding: 'utf8' }).match(/\w+\.(?:ts|js):\d+/g).slice(0, 2).join(', ');
const bundle = async (tool) => {
  const made = await tool({ input: 'bundle', onwarn() {}, plugins: [{ name: 'bundle', resolveId: (id) => id, load: () => ({ code, map }) }] });
  return (await made.generate({ format: 'cjs', sourcemap: true })).output[0].map.sources.join(', ');
};
const { lineNumber, fileName } = new SourceMap(map).findOrigin(1, code.indexOf('throw') + 1);
const seen = {
  'node 20.20.2 --enable-source-maps': stack('node20.20.2/node_modules/.bin/node', '--enable-source-maps'),
  'node 24.11.1 --enable-source-maps': stack('node24.11.1/node_modules/.bin/node', '--enable-source-maps'),
  [`rolldown ${version('rolldown')}`]: await bundle(rolldown),
  'SourceMap of node:module': `${fileName}:${lineNumber}`,
  [`source-map-support ${version('source-map-support')}`]: stack(process.execPath, '-r', 'source-map-support/register'),
  [`rollup ${version('rollup')}`]: await bundle(rollup),
  [`esbuild ${version('esbuild')}`]: JSON.parse((await transform(inline, { sourcemap: 'external', sourcefile: 'bundle.js' })).map).sources.join(', '),
  [`terser ${version('terser')}`]: JSON.parse((await minify(code, { sourceMap: { content: map } })).map).sources.join(', '),
};
for (const [tool, places] of Object.entries(seen)) console.log(`${tool}: ${places || 'nothing'}`);
const [node20, node24, rolldowns, ...others] = Object.values(seen);
process.exit([node20, node24, rolldowns].every((places) => !places.includes('.ts')) && others.every((places) => places.includes('orders.ts')) ? 0 : 1);
JS
node tools.mjs
