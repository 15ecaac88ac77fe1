#!/usr/bin/env bash
# cpuprofile-to-flamegraph counts the time before the first sample of a .cpuprofile twice.
#
# The first entry of `timeDeltas` is the time from the start of the profile to its first sample.
# When V8 starts to profile, it collects what the program has compiled; in a service with a lot of
# code that takes tens of milliseconds. The package, which turns a profile into the tree that
# d3-flame-graph draws, adds that entry once when it begins and once more in its loop. The
# root is then longer than the profile, and what ran first has up to twice its time. A short
# profile of a running service, such as that of one request, is mostly that entry.
#
# Seen with cpuprofile-to-flamegraph 1.0.0 on Node 20. Exit code 0: still so. 1: it changed.
# Users meet it when they profile a short part of a service and draw it with this package.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund cpuprofile-to-flamegraph@1.0.0 typescript@5.6.3
cat >service.js <<'JS'
const { Session } = require('node:inspector/promises');
const { convertToMergedFlameGraph } = require('cpuprofile-to-flamegraph');
const typescript = require('typescript');
// A program with a lot of code: TypeScript's compiler has run before.
function request() {
  return typescript.transpileModule('let a: number = 1;'.repeat(20), {}).outputText.length;
}
for (let at = 0; at < 20; at++) request();
(async () => {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
  for (let at = 0; at < 10; at++) request();
  const { profile } = await session.post('Profiler.stop');
  const first = profile.timeDeltas[0];
  const sum = profile.timeDeltas.reduce((all, one) => all + one);
  const drawn = convertToMergedFlameGraph(profile).executionTime;
  const ms = (micros) => `${(micros / 1000).toFixed(1)} ms`;
  console.log(`the profile: ${ms(profile.endTime - profile.startTime)}, first entry ${ms(first)}, all entries ${ms(sum)}; the flame graph: ${ms(drawn)}`);
  process.exit(drawn === sum + first && first > 0 ? 0 : 1);
})();
JS
echo "cpuprofile-to-flamegraph $(node -p "require('cpuprofile-to-flamegraph/package.json').version"), Node $(node --version)"
node service.js
