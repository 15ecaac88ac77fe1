#!/usr/bin/env bash
# flamebearer says that all the time of a minified bundle is in its first line of source.
#
# "Minified frames are de-minified automatically when source maps are available." The list "Hot lines" comes from the ticks
# that V8 counts for each line of the generated file, without columns. flamebearer looks each of them up in the source map
# at column 0. A minified bundle has one line, so all of its time goes to the first thing in it. Here that
# is an imported file with a list of names, which runs once; nearly all the time is in `digest` of the other file. The list
# has one line, line 1 of the file of names, with more than 90 %. "Top CPU" of the same report has the right file and line, as it
# looks up the column of the function. The same program without minification gets the lines of the loop.
#
# Seen with flamebearer 2.1.0, esbuild 0.25.12 on Node 24.11.1. Exit code 0: still so. 1: the behaviour changed.
# Users meet it with each service that is deployed as a bundle: the report blames a line that ran once.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund node@24.11.1 flamebearer@2.1.0 esbuild@0.25.12
mkdir src
cat >src/names.mjs <<'JS'
export const names = ['anna', 'bert', 'carl'].map((name) => name.toUpperCase());
JS
cat >src/main.mjs <<'JS'
import { names } from './names.mjs';

function digest(text) {
  let hash = 7;
  for (let round = 0; round < 3e6; round++) {
    hash = (hash * 31 + text.charCodeAt(round % text.length)) | 0;
  }
  return hash;
}

const end = Date.now() + 800;
let sum = 0;
while (Date.now() < end) for (const name of names) sum += digest(name + sum);
console.log(sum !== 0.5 ? 'done' : sum);
JS
npx esbuild --log-level=error src/main.mjs --bundle --minify --sourcemap --platform=node --outfile=minified.js
npx node --cpu-prof --cpu-prof-name minified.cpuprofile minified.js
npx node --cpu-prof --cpu-prof-name plain.cpuprofile src/main.mjs
cat >report.mjs <<'JS'
import { execFileSync } from 'node:child_process';
const read = (kind) => {
  const text = execFileSync(process.execPath, ['node_modules/flamebearer/bin/flamebearer', `${kind}.cpuprofile`, '--no-color'], { encoding: 'utf8' });
  const [top, hot] = text.split('Top CPU (self time):')[1].split('Hot lines (self time):');
  console.log(`${kind}:\n Top CPU:${top.trimEnd()}\n Hot lines:${hot.trimEnd()}`);
  const rows = [...hot.matchAll(/([\d.]+)%\s+(\S+):(\d+)/g)].map(([, share, file, line]) => ({ share: Number(share), file, line: Number(line) }));
  return { top, rows: rows.filter((row) => /names|main/.test(row.file)) };
};
const [minified, plain] = [read('minified'), read('plain')];
const first = minified.rows[0];
const wrong = minified.rows.length === 1 && /names\.mjs$/.test(first.file) && first.line === 1 && first.share > 80;
const right = plain.rows.every((row) => /main\.mjs$/.test(row.file)) && plain.rows.some((row) => row.line >= 5 && row.line <= 6 && row.share > 20);
process.exit(wrong && right && /main\.mjs:3/.test(minified.top) ? 0 : 1);
JS
echo "flamebearer $(node -p "require('./node_modules/flamebearer/package.json').version"), node $(npx node --version)"
npx node report.mjs
