#!/usr/bin/env bash
# pprof-to-md reports a profile of hundreds of samples as one of ten, taken at 5 Hz.
#
# A record of a pprof file stands for all samples of one stack, and holds their number. "Samples" in the
# reports of pprof-to-md is the number of records. The "Sample Rate" is that number divided by the
# duration, and a function's "Samples" are the records that it is in. A busy loop that was hit by nearly
# all samples has some four. Only the shares are right. A reader who judges by these numbers whether a
# difference is noise takes a good profile for a useless one, and one with many different stacks for good.
#
# Seen with pprof-to-md 0.2.0, pprof 5.0.0, Node 20.20.2. Exit code 0: still so. 1: it changed.
# Users meet it in each report of a service: the more alike its requests, the fewer "samples".
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund pprof-to-md@0.2.0 pprof@5.0.0
cat >program.js <<'JS'
const { writeFileSync } = require('node:fs');
const { encode, time } = require('pprof');
function work() {
  let sum = 0;
  for (const end = Date.now() + 50; Date.now() < end;) for (let at = 0; at < 10_000; at++) sum += Math.sqrt(sum + at);
  if (Date.now() < stop) setTimeout(work, 1);
}
const stop = Date.now() + 2000;
time.profile({ durationMillis: 2000 }).then(async (profile) => {
  const samples = profile.sample.reduce((sum, { value }) => sum + Number(value[0]), 0);
  const seconds = Number(profile.durationNanos) / 1e9;
  console.log(`the file: ${samples} samples in ${seconds.toFixed(1)} s, ${profile.sample.length} records`);
  writeFileSync('counts.json', JSON.stringify({ samples, seconds, records: profile.sample.length }));
  writeFileSync('cpu.pb.gz', await encode(profile));
});
setTimeout(work, 1);
JS
echo "pprof-to-md $(node -p "require('./node_modules/pprof-to-md/package.json').version"), pprof $(node -p "require('pprof/package.json').version"), node $(node --version)"
node program.js
node_modules/.bin/pprof-to-md --format=detailed --no-source cpu.pb.gz >cpu.md
grep -E '^\*\*Duration' cpu.md
grep -A2 -E '^### .work. @' cpu.md | paste -sd' '
cat >check.js <<'JS'
const { readFileSync } = require('node:fs');
const { samples, records } = JSON.parse(readFileSync('counts.json', 'utf8'));
const report = readFileSync('cpu.md', 'utf8');
const all = Number(/\*\*Samples:\*\* (\d+) \| \*\*Sample Rate/.exec(report)[1]);
const rate = Number(/Sample Rate:\*\* (\d+)Hz/.exec(report)[1]);
const [, work, share] = /### `work` [^\n]*\n\n\*\*Samples:\*\* (\d+) \(([\d.]+)% self/.exec(report).map(Number);
process.exit(all === records && samples > 10 * records && rate < samples / 20 && work <= records && share > 50 ? 0 : 1);
JS
node check.js
