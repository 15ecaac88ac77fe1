#!/usr/bin/env bash
# speedscope leaves out each line of a folded file whose count has a fraction, and shows the rest as the whole profile.
#
# Folded stacks are lines such as `main;read 12.5`. flamegraph.pl, for which the format was made, takes numbers with
# fractions, and scripts write milliseconds so. speedscope reads a line only when it ends in a space and digits, and skips
# each other one without a word. JavaScript prints 12.0 as `12`, so of times that are
# rounded to tenths about one line in ten is read: here 20 of 200 stacks, and 0.9 s of 9.6 s. The slowest stack is
# missing, and the shares of the others add up to 100 %. When all lines have fractions, the file is refused. The
# same stacks in whole microseconds are complete.
#
# Seen with speedscope 1.25.0 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when a script of theirs writes the times of a profile or of a trace as folded stacks.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts speedscope@1.25.0
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
async function open(title, factor, stacks) {
  const text = stacks.map(([stack, micros]) => `${stack} ${Number((micros / factor).toFixed(1))}\n`).join('');
  const group = await importer.importProfileGroupFromBase64('profile.folded', Buffer.from(text).toString('base64'));
  if (!group) {
    print(`${title}: not opened`);
    return null;
  }
  const names = new Map();
  group.profiles[0].forEachFrame((frame) => names.set(frame.name, frame.getSelfWeight()));
  const routes = [...names.keys()].filter((name) => name.startsWith('route')).length;
  const seconds = (group.profiles[0].getTotalWeight() * factor) / 1e6;
  print(`${title}: ${routes} stacks, ${seconds.toFixed(1)} s; the slowest one ${names.has('route198') ? 'is there' : 'is missing'}`);
  return { routes, seconds };
}
// The times of 200 routes in microseconds, in whole tenths of a millisecond.
const stacks = Array.from({ length: 200 }, (_, at) => [`server;handle;route${at}`, at === 198 ? 900300 : 100 * (337 + at)]);
const all = stacks.reduce((sum, [, micros]) => sum + micros, 0) / 1e6;
print(`speedscope ${JSON.parse(readFileSync('node_modules/speedscope/package.json', 'utf8')).version}, node ${process.version}; ${stacks.length} stacks, ${all.toFixed(1)} s`);
const micros = await open('in microseconds', 1, stacks);
const millis = await open('in milliseconds', 1000, stacks);
const fractions = await open('those with fractions alone', 1000, stacks.filter(([, value]) => value % 1000 !== 0));
const whole = micros.routes === 200 && Math.abs(micros.seconds - all) < 1e-6;
process.exit(whole && millis.routes === 20 && millis.seconds < 0.2 * all && fractions === null ? 0 : 1);
JS
node open.mjs
