#!/usr/bin/env bash
# clinic doctor draws the event loop utilization since the process began, as if it were that of the moment.
#
# The report has four other charts of one value every 10 ms: CPU, memory, delay and handles. The fifth, "Event
# Loop Utilization", is `eventLoopUtilization()` without the difference to the value before, so each point is the
# mean from the start of the process. Here a service is at rest for 3 s, and then busy nine tenths of the time for
# 3 s. The chart rises slowly and ends at half of the truth. The analysis looks for a median of 95, which a
# service that waited for its load test never has. The difference of two values that the program takes itself is
# right.
#
# Seen with @clinic/doctor 11.0.0, which clinic 13.0.0 has, on Node 20. Exit code 0: still so. 1: it changed.
# Users meet it when they look for the moment from which on the event loop had no time left.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @clinic/doctor@11.0.0
cat >service.js <<'JS'
const { writeFileSync } = require('node:fs');
const { performance } = require('node:perf_hooks');
const { setTimeout: sleep } = require('node:timers/promises');
(async () => {
  await sleep(3000);
  const before = performance.eventLoopUtilization();
  const from = Date.now();
  while (Date.now() < from + 3000) {
    for (const end = performance.now() + 45; performance.now() < end;);
    await sleep(5);
  }
  const { utilization } = performance.eventLoopUtilization(before);
  writeFileSync('truth.json', JSON.stringify({ from, to: Date.now(), utilization }));
})();
JS
cat >collect.js <<'JS'
const { createReadStream, readdirSync, readFileSync } = require('node:fs');
const Doctor = require('@clinic/doctor');
const Decoder = require('@clinic/doctor/format/process-stat-decoder.js');
new Doctor().collect([process.execPath, 'service.js'], (error, path) => {
  if (error) throw error;
  const { from, to, utilization } = JSON.parse(readFileSync('truth.json', 'utf8'));
  const points = [];
  const file = `${path}/${readdirSync(path).find((name) => name.endsWith('processstat'))}`;
  createReadStream(file).pipe(new Decoder()).on('data', (point) => points.push(point)).on('end', () => {
    const load = points.filter(({ timestamp }) => timestamp > from + 200 && timestamp < to);
    const shown = load.map(({ loopUtilization }) => loopUtilization);
    console.log(`the program: ${(100 * utilization).toFixed(0)} % during the load of ${to - from} ms`);
    console.log(`clinic doctor: ${shown[0]} % at its begin, ${shown.at(-1)} % at its end, in ${shown.length} points`);
    process.exit(utilization > 0.75 && shown.length > 10 && shown[0] < 40 && Math.max(...shown) < 100 * utilization - 20 ? 0 : 1);
  });
});
JS
echo "@clinic/doctor $(node -p "require('./node_modules/@clinic/doctor/package.json').version"), node $(node --version)"
node collect.js
