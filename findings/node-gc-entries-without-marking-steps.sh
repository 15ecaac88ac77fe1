#!/usr/bin/env bash
# Node's entries of garbage collections leave out most of the time that marking in steps takes from the event loop.
#
# V8 marks a large heap in steps, between the tasks of the program and within them. The documentation of perf_hooks has
# the kind NODE_PERFORMANCE_GC_INCREMENTAL for this, and `duration` for the total time of an entry. V8 calls Node before
# and after the start of the marking, and around none of the steps that follow. So each entry of this kind is the start,
# and the sum of all entries is a part of the time in which nothing else ran: here 0.4 s of 1.4 s on Node 24.
# `GCProfiler` of node:v8 has the same numbers, and prom-client's nodejs_gc_duration_seconds and OpenTelemetry's
# v8js.gc.duration, which read the entries, have no more. `--trace-gc` prints the sum of the steps, and a CPU profile has
# them as `(garbage collector)`.
#
# Seen with Node 20.20.2 and 24.11.1 (npm's package `node`). Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they ask whether the garbage collector is the limit of a service with a large cache.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
for version in 20.20.2 24.11.1; do
  npm install --silent --no-audit --no-fund --foreground-scripts --prefix "node$version" "node@$version"
done
cat >cache.js <<'JS'
const { PerformanceObserver, constants } = require('node:perf_hooks');
const { GCProfiler } = require('node:v8');
const { writeFileSync } = require('node:fs');
const entries = { count: 0, ms: 0, all: 0 };
const observer = new PerformanceObserver((list) => {
  for (const { detail, duration } of list.getEntries()) {
    entries.all += duration;
    if (detail.kind !== constants.NODE_PERFORMANCE_GC_INCREMENTAL) continue;
    entries.count += 1;
    entries.ms += duration;
  }
});
observer.observe({ entryTypes: ['gc'] });
const profiler = new GCProfiler();
profiler.start();
const cache = new Array(400000);
let key = 0;
const timer = setInterval(() => {
  for (let row = 0; row < 40000; row++) {
    cache[(key * 7919) % cache.length] = { key: key++, list: [key, { key }] };
  }
}, 10);
setTimeout(() => {
  clearInterval(timer);
  const { statistics } = profiler.stop();
  const costs = statistics.filter(({ gcType }) => gcType === 'IncrementalMarking').map(({ cost }) => cost / 1000);
  setTimeout(() => writeFileSync('entries.json', JSON.stringify({ ...entries, profiler: costs.reduce((sum, ms) => sum + ms, 0) })), 100);
}, 6000);
JS
cat >compare.js <<'JS'
const { readFileSync } = require('node:fs');
const { count, ms, all, profiler } = JSON.parse(readFileSync('entries.json', 'utf8'));
// A line of V8: "... Mark-Compact ..., 21.93 / 0.10 ms  (+ 10.7 ms in 23 steps since start of marking, ...".
const steps = [...readFileSync('gc.txt', 'utf8').matchAll(/\(\+ ([\d.]+) ms in (\d+) steps/g)];
const { nodes, samples, timeDeltas } = JSON.parse(readFileSync('gc.cpuprofile', 'utf8'));
const collector = nodes.find(({ callFrame }) => callFrame.functionName === '(garbage collector)').id;
const profiled = samples.reduce((total, id, at) => total + (id === collector ? (timeDeltas[at + 1] ?? 0) / 1000 : 0), 0);
const sum = (at) => steps.reduce((total, step) => total + Number(step[at]), 0);
console.log(`node ${process.argv[2]}: V8 marked ${steps.length} times, ${sum(2)} steps took ${sum(1).toFixed(0)} ms; Node has ${count} entries of ${ms.toFixed(0)} ms (and of ${(all - ms).toFixed(0)} ms for all other collections), GCProfiler ${profiler.toFixed(0)} ms; a CPU profile has ${profiled.toFixed(0)} ms in the collector`);
process.exit(steps.length > 2 && count > 2 && sum(1) > 3 * ms && profiled > 1.5 * all && Math.abs(profiler - ms) < 0.1 * ms ? 0 : 1);
JS
still=0
for version in 20.20.2 24.11.1; do
  "node$version/node_modules/.bin/node" --trace-gc --cpu-prof --cpu-prof-name gc.cpuprofile cache.js >gc.txt
  node compare.js "$version" || still=1
done
exit "$still"
