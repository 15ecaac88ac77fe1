#!/usr/bin/env bash
# The wall time in a profile of `pprof` is shorter than the profile, as it is not measured.
#
# `pprof` and @datadog/pprof write two values for each stack: `sample`, a number, and `wall`, a time. pprof
# multiplies the number with the interval that was asked for. V8 takes fewer samples than that: at short
# intervals on every machine, and at 1 ms, the default, on a busy one. @datadog/pprof divides the duration
# by the samples instead, and never goes above twice the interval that was asked for. V8 records
# the time of each sample, and `node --cpu-prof` writes it. Here a thread is busy for 2 s: V8's profile has
# 2 s, and `wall` is much less in both. Shares within a profile are right; a comparison of
# milliseconds between two hosts or two versions shows how many samples were lost.
#
# Seen with pprof 5.0.0, @datadog/pprof 5.20.0, Node 20.20.2. Exit code 0: still so. 1: it changed. Users
# meet it when they add up a service's CPU time from such profiles, or compare runs under load.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund pprof@5.0.0 @datadog/pprof@5.20.0
cat >program.js <<'JS'
const { readFileSync, readdirSync } = require('node:fs');
const { Session } = require('node:inspector/promises');
const INTERVAL_US = 50;
function work() {
  let sum = 0;
  for (const end = Date.now() + 2000; Date.now() < end;) for (let at = 0; at < 1000; at++) sum += Math.sqrt(sum + at);
}
function total(profile) {
  const text = (index) => (profile.stringTable.strings ?? profile.stringTable)[index];
  const at = profile.sampleType.findIndex(({ type }) => text(type) === 'wall');
  const factor = { nanoseconds: 1e-9, microseconds: 1e-6 }[text(profile.sampleType[at].unit)];
  const sum = (index) => profile.sample.reduce((all, { value }) => all + Number(value[index]), 0);
  return { samples: sum(0), wall: factor * sum(at), seconds: Number(profile.durationNanos) / 1e9 };
}
(async () => {
  const rows = {};
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US });
  await session.post('Profiler.start');
  work();
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  const sum = profile.timeDeltas.reduce((all, one) => all + one, 0) / 1e6;
  rows['V8, time stamps'] = { samples: profile.samples.length, wall: sum, seconds: (profile.endTime - profile.startTime) / 1e6 };
  for (const name of ['pprof', '@datadog/pprof']) {
    const { time } = require(name);
    const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'));
    // Both have the signature of their time: pprof returns a function that stops, the other one stops itself.
    let made;
    if (name === 'pprof') {
      const stop = time.start(INTERVAL_US);
      work();
      made = stop();
    } else {
      time.start({ intervalMicros: INTERVAL_US, durationMillis: 2000 });
      work();
      made = time.stop();
    }
    rows[`${name} ${version}`] = total(made);
  }
  let holds = true;
  for (const [name, { samples, wall, seconds }] of Object.entries(rows)) {
    console.log(`${name}: ${samples} samples, ${wall.toFixed(2)} s of wall time in ${seconds.toFixed(2)} s`);
    holds &&= name.startsWith('V8') ? wall > 0.85 * seconds : wall < 0.8 * seconds;
  }
  process.exit(holds ? 0 : 1);
})();
JS
echo "node $(node --version)"
node program.js
