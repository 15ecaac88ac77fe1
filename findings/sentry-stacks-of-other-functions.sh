#!/usr/bin/env bash
# Sentry's profiler gives the samples of a function to another function whose numbers read alike.
#
# V8 numbers the nodes of its call tree. @sentry-internal/node-cpu-profiler, the recorder of @sentry/profiling-node,
# writes the numbers on a sample's way to the root one after the other, without a mark between them, and takes equal
# texts for one stack. Node 10 below 6 and node 106 beside 6 are both "106...", and the stack that was sampled
# first gets the samples of both. Here a timer calls `first`, which calls 12 steps, and then 140 routes, each for
# 50 ms. The package gives the time of each sample, so it is known which function was running. Some routes
# have no sample at all: theirs are below `first`, in a step that had ended seconds before. A tree of a service has
# thousands of nodes.
#
# Seen with @sentry-internal/node-cpu-profiler 2.4.1 on Node 20. Exit code 0: still so. 1: it changed.
# Users meet it in the flame graphs of Sentry: a route is missing, and a helper that it never calls is hot.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @sentry-internal/node-cpu-profiler@2.4.1
cat >service.js <<'JS'
const { CpuProfilerBindings: sentry } = require('@sentry-internal/node-cpu-profiler');
const WORK_MS = 50;
// Samples this near to the begin or the end of a function are left out.
const BORDER_MS = 8;
const spans = [];
const make = (name) =>
  new Function('spans', `return function ${name}() {
    const from = performance.now();
    let sum = 0;
    while (performance.now() < from + ${WORK_MS}) for (let at = 0; at < 5000; at++) sum += Math.sqrt(sum + at);
    spans.push({ name: '${name}', from, to: performance.now() });
  }`)(spans);
const steps = Array.from({ length: 12 }, (_, at) => make(`step${at}`));
const routes = Array.from({ length: 140 }, (_, at) => make(`route${at}`));
function first() {
  for (const step of steps) step();
}
setTimeout(function work() {
  sentry.startProfiling('work');
  first();
  for (const route of routes) route();
  const { samples, stacks, frames } = sentry.stopProfiling('work', 0);
  const leaf = (stack) => frames[stacks[stack][0]].function;
  const seen = samples.map(({ stack_id, elapsed_since_start_ns }) => ({ name: leaf(stack_id), at: elapsed_since_start_ns / 1e6 }));
  // Both clocks tick alike; the median of the functions' middles has their distance.
  const middles = spans.flatMap(({ name, from, to }) => {
    const own = seen.filter((one) => one.name === name).map(({ at }) => at);
    return own.length > 0 ? [(from + to) / 2 - own.reduce((all, one) => all + one, 0) / own.length] : [];
  });
  const shift = middles.sort((a, b) => a - b)[middles.length >> 1];
  const shown = new Map(routes.map(({ name }) => [name, { all: 0, steps: new Map() }]));
  for (const { name, at } of seen) {
    const span = spans.find(({ from, to }) => at + shift > from + BORDER_MS && at + shift < to - BORDER_MS);
    if (!shown.has(span?.name)) continue;
    const route = shown.get(span.name);
    route.all++;
    if (name.startsWith('step')) route.steps.set(name, (route.steps.get(name) ?? 0) + 1);
  }
  let moved = 0;
  for (const [name, { all, steps }] of shown) {
    for (const [step, count] of steps) {
      if (count < 2) continue;
      console.log(`${name}: ${all} samples while it ran, ${count} of them are in first > ${step}`);
      moved++;
    }
  }
  console.log(`${moved} of ${routes.length} routes, ${samples.length} samples`);
  process.exit(moved >= 2 ? 0 : 1);
}, 50);
JS
echo "@sentry-internal/node-cpu-profiler $(node -p "require('./node_modules/@sentry-internal/node-cpu-profiler/package.json').version"), node $(node --version)"
node service.js
