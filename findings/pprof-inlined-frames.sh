#!/usr/bin/env bash
# Three viewers of pprof profiles show three wrong stacks where a function was inlined.
#
# A location of a pprof profile is one address. When functions were inlined there it has several
# lines: first the innermost function, and last the one that it was inlined into. Profiles of Go
# programs (k6, a Prometheus) and of native code have them everywhere. react-pprof, the view of
# @platformatic/flame, takes the first line and loses the callers. speedscope takes the last line and
# loses the functions in which the time was spent. pprof-to-md takes all lines and gives each of them
# the whole time of its own: the self times of a profile add up to 200 %. Here `main` calls
# `compress`, into which `copy` was inlined, and the whole second was spent in `copy`.
#
# Seen with react-pprof 1.5.1, speedscope 1.25.0, pprof-to-md 0.2.0, on a profile written by
# pprof-format 2.3.2. Exit code 0: still so. 1: the behaviour of one of them changed.
# Users meet it when they open one profile in two viewers and find different functions.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts --legacy-peer-deps \
  react-pprof@1.5.1 speedscope@1.25.0 pprof-to-md@0.2.0 pprof-format@2.3.2
for package in react-pprof speedscope pprof-to-md pprof-format; do
  echo "$package $(sed -n 's/^  "version": "\(.*\)",*/\1/p' "node_modules/$package/package.json" | sed -n 1p)"
done
cat >write.mjs <<'JS'
import { writeFileSync } from 'node:fs';
import { Profile, StringTable } from 'pprof-format';
const stringTable = new StringTable();
const text = (value) => stringTable.dedup(value);
const cpu = { type: text('cpu'), unit: text('nanoseconds') };
const names = ['main', 'compress', 'copy'];
const profile = new Profile({
  stringTable,
  sampleType: [cpu],
  periodType: cpu,
  period: 10e6,
  function: names.map((name, index) => ({ id: index + 1, name: text(name), filename: text('work.go') })),
  location: [
    { id: 1, line: [{ functionId: 1, line: 10 }] },
    { id: 2, line: [{ functionId: 3, line: 30 }, { functionId: 2, line: 20 }] },
  ],
  sample: [{ locationId: [2, 1], value: [1e9] }],
});
writeFileSync('cpu.pb', profile.encode());
JS
node write.mjs
cat >react.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { Profile } from 'pprof-format';
import { FlameDataProcessor } from './node_modules/react-pprof/dist/renderer/FlameDataProcessor.js';
const stacks = (node, above = []) =>
  node.children.length ? node.children.flatMap((child) => stacks(child, [...above, child.name])) : [above.join(';')];
console.log(stacks(new FlameDataProcessor().processProfile(Profile.decode(readFileSync('cpu.pb')))).join(' '));
JS
# The importer of speedscope is taken out of the page's bundle.
cat >speedscope.mjs <<'JS'
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
const { profiles } = await importer.importProfileGroupFromBase64('cpu.pb', readFileSync('cpu.pb').toString('base64'));
const stacks = (node, above = []) =>
  node.children.length ? node.children.flatMap((child) => stacks(child, [...above, child.frame.name])) : [above.join(';')];
print(stacks(profiles[0].getAppendOrderCalltreeRoot()).join(' '));
process.exit(0);
JS
react=$(node react.mjs)
speedscope=$(node speedscope.mjs 2>/dev/null)
node_modules/.bin/pprof-to-md cpu.pb >cpu.md
echo "written:     main;compress;copy"
echo "react-pprof: $react"
echo "speedscope:  $speedscope"
echo "pprof-to-md:"
grep -E '^(### |\*\*Self-time|- \*\*Optimization)' cpu.md
[[ $react == 'main;copy' && $speedscope == 'main;compress' && $(grep -c 'Self-time:\*\* 100.0%' cpu.md) == 2 ]]
