#!/usr/bin/env bash
# In a chunk of Sentry's continuous profiles, memory and CPU have times in milliseconds plus seconds.
#
# @sentry/profiling-node sends a continuous profile in chunks. A sample of a chunk has a `timestamp` in seconds
# since 1970. A value of `memory_footprint` or `cpu_usage` has a `timestamp` too: the start of the chunk in
# milliseconds since 1970, plus the seconds since then. Read as seconds it lies tens of thousands of years ahead.
# Read as milliseconds, all values of a chunk lie within some milliseconds of its start, so that a rise of memory
# cannot be laid beside the functions that ran. Here a profile takes 3 s, and its measurements say that they took
# 3 ms. The older format, a profile of one transaction, has the right times.
#
# Seen with @sentry-internal/node-cpu-profiler 2.4.1 on Node 20. Exit code 0: still so. 1: it changed. Users meet
# it with `profileLifecycle` and `startProfiler()`, which make chunks.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @sentry-internal/node-cpu-profiler@2.4.1
cat >service.js <<'JS'
const { CpuProfilerBindings: sentry, ProfileFormat } = require('@sentry-internal/node-cpu-profiler');
const { setTimeout: sleep } = require('node:timers/promises');
const LENGTH_S = 3;
const span = (list, factor) => ((Math.max(...list) - Math.min(...list)) * factor).toFixed(3);
(async () => {
  let holds = true;
  for (const format of ['THREAD', 'CHUNK']) {
    const began = Date.now() / 1000;
    sentry.startProfiling('chunk');
    await sleep(LENGTH_S * 1000);
    const { samples, measurements } = sentry.stopProfiling('chunk', ProfileFormat[format]);
    const values = measurements.memory_footprint.values;
    if (format === 'THREAD') {
      const nanos = values.map((one) => one.elapsed_since_start_ns);
      console.log(`a profile of ${LENGTH_S} s: memory over ${span(nanos, 1e-9)} s`);
      holds &&= span(nanos, 1e-9) > 0.8 * LENGTH_S;
      continue;
    }
    const ofSamples = samples.map((one) => one.timestamp);
    const ofMemory = values.map((one) => one.timestamp);
    const year = (seconds) => 1970 + Math.floor(seconds / (365.2425 * 86400));
    console.log(`a chunk of ${LENGTH_S} s: samples over ${span(ofSamples, 1)} s from ${ofSamples[0].toFixed(3)} (year ${year(ofSamples[0])})`);
    console.log(`  memory from ${ofMemory[0].toFixed(3)}: the year ${year(ofMemory[0])}, or ${span(ofMemory, 1)} ms`);
    holds &&= Math.abs(ofSamples[0] - began) < 2 && span(ofSamples, 1) > 0.8 * LENGTH_S;
    holds &&= Math.abs(ofMemory[0] / 1000 - began) < 2 && span(ofMemory, 1e-3) < 0.01 && span(ofMemory, 1) > 0.8 * LENGTH_S;
  }
  process.exit(holds ? 0 : 1);
})();
JS
echo "@sentry-internal/node-cpu-profiler $(node -p "require('./node_modules/@sentry-internal/node-cpu-profiler/package.json').version"), node $(node --version)"
node service.js
