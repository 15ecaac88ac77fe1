#!/usr/bin/env bash
# speedscope charges the time that a process waits to the functions around the wait.
#
# perf takes samples of a process while it runs. speedscope reads the text of `perf script`
# and gives each sample half of the time since the sample before it and half of the time until
# the next one of its thread. So half of a wait for a timer or a request belongs to what ran
# last, and half to what runs first afterwards. Here `first`, `middle` and `last` use 20 ms of
# CPU each, one after the other, and the process then waits for most of half a second. perf
# reports that the three are equal; speedscope gives `first` and `last` several times as much
# as `middle`, in seconds that add up to the time on the clock, without a frame for waiting.
#
# Seen with speedscope 1.25.0, perf 6.1.192 (linux-perf of Debian 12), Node 20. Exit code 0:
# still so. 1: the behaviour changed. Users meet it with a server that is not at its limit.
# Needs a kernel that lets the user record (perf_event_paranoid of 2 or less).
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund speedscope@1.25.0
perf=$(command -v perf || true)
if [[ -z $perf ]]; then
  apt-get download --quiet linux-perf
  dpkg -x linux-perf_*.deb .
  perf=$(find . -name 'perf*' -path '*bin*' -type f | head -1)
fi
cat >program.js <<'JS'
const work = (ms) => `const end = process.cpuUsage().user + ${ms} * 1000; let x = 0;
  while (process.cpuUsage().user < end) for (let i = 0; i < 20000; i++) x += Math.sqrt(x + i); return x;`;
const [first, middle, last] = ['first', 'middle', 'last'].map(
  (name) => new Function(`return function ${name}() { ${work(20)} }`)(),
);
let turns = 0;
const timer = setInterval(() => { first(); middle(); last(); if (++turns === 24) clearInterval(timer); }, 500);
JS
"$perf" record --quiet -F 499 -e cpu-clock -g -o perf.data -- \
  node --perf-basic-prof --interpreted-frames-native-stack program.js >/dev/null
"$perf" script -i perf.data >perf.txt 2>/dev/null
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
const group = await importer.importProfileGroupFromBase64('perf.txt', readFileSync('perf.txt').toString('base64'));
const profiles = [...group.profiles].sort((a, b) => b.getTotalWeight() - a.getTotalWeight());
const main = profiles.find((profile) => profile.getWeightUnit() === 'seconds');
const names = ['first', 'middle', 'last'];
const is = (name, text) => new RegExp(`JS:\\W?${name} `).test(text);
const shown = names.map((name) => {
  let sum = 0;
  main.forEachFrame((frame) => { if (is(name, frame.name)) sum += frame.getTotalWeight(); });
  return sum;
});
const stacks = readFileSync('perf.txt', 'utf8').split('\n\n');
const sampled = names.map((name) => stacks.filter((stack) => is(name, stack)).length / 499);
const row = (list) => names.map((name, at) => `${name} ${list[at].toFixed(2)} s`).join(', ');
print(`perf, samples of 1/499 s: ${row(sampled)}`);
print(`speedscope: ${row(shown)}, all ${main.getTotalWeight().toFixed(2)} s`);
const equal = Math.max(...sampled) < 1.5 * Math.min(...sampled);
process.exit(equal && Math.min(shown[0], shown[2]) > 1.3 * shown[1] && shown[0] > 4 * sampled[0] ? 0 : 1);
JS
"$perf" --version
echo "speedscope $(node -p "require('speedscope/package.json').version"), node $(node --version)"
node open.mjs
