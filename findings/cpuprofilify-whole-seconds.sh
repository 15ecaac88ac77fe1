#!/usr/bin/env bash
# cpuprofilify gives a recording of perf a length of whole seconds: 0 s, or 1 s, for 90 ms.
#
# `perf script` writes the time of each sample in seconds with six digits. cpuprofilify writes a .cpuprofile of the older form, with
# `startTime` and `endTime` in seconds; without times of its samples these two are all that says how long it was. It
# cuts the last four characters of perf's time and reads a whole number. Ten samples, 10 ms apart, get no time at all when they lie
# within one second of the clock, and 1 s when a new second begins between them, eleven times too much. The text of the
# DTrace script is in milliseconds, and there the point is put with a wrong rest: 180 ms become 1.8 ms on
# a machine that has been up for 39 hours. The counts of samples are right.
#
# Seen with cpuprofilify 1.0.0 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they open a recording of perf in DevTools or speedscope and read times, not percentages.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts cpuprofilify@1.0.0
cat >convert.js <<'JS'
const cpuprofilifier = require('cpuprofilify');
const ticks = Array.from({ length: 10 }, (_, at) => at);
const frames = ['digest /srv/app.js:3', 'handle /srv/app.js:9', 'listen /srv/app.js:20'];
// Both texts have the form that perf 6.1 and the DTrace script of the package write.
const perf = (start) => ticks.flatMap((at) => [
  `node  4711 ${(start + at * 0.01).toFixed(6)}:   10000000 cpu-clock:u: `,
  ...frames.map((name, depth) => `\t    7f25d40${depth}49f0 ${name} (/tmp/perf-4711.map)`),
  '',
]);
const dtrace = (start) => ticks.flatMap((at) => [`node 4711 ${start + at * 20}: profile-1ms:`, ...frames.map((name) => `              ${name}`), '']);
const hits = (node) => node.hitCount + node.children.reduce((sum, child) => sum + hits(child), 0);
const convert = (label, text, truth) => {
  const converter = cpuprofilifier();
  converter.on('error', (error) => { throw error; });
  const profile = converter.convert(text, { map: '1000 10 unused\n2000 10 unused' });
  const length = profile.endTime - profile.startTime;
  console.log(`${label}: ${hits(profile.head)} samples in ${truth} s; startTime ${profile.startTime}, endTime ${profile.endTime}: ${length.toFixed(4)} s`);
  return [hits(profile.head), Number(length.toFixed(4))].join();
};
const lengths = [
  convert('perf, within a second', perf(52831.35), 0.09),
  convert('perf, across a second', perf(52831.95), 0.09),
  convert('DTrace, 2 hours up', dtrace(7951795), 0.18),
  convert('DTrace, 39 hours up', dtrace(140951795), 0.18),
];
console.log(lengths.join(' '));
process.exit(lengths.join(' ') === '10,0 10,1 10,0.18 10,0.0018' ? 0 : 1);
JS
echo "cpuprofilify $(node -p "require('cpuprofilify/package.json').version"), node $(node --version)"
node convert.js
