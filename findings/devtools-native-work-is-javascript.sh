#!/usr/bin/env bash
# DevTools gives most of the native work between callbacks to the JavaScript function that was sampled before it.
#
# In a .cpuprofile the node `(program)` stands for time in which no JavaScript is on the stack, such as the
# deserialization of a message, TLS or the parsing of HTTP. The model of Chrome's performance panel takes a single sample of
# it, between two samples that share their outermost function, for a stack that V8 could not read, and replaces it with
# the sample before. In a busy service many callbacks share that function, such as
# `processTicksAndRejections`, and a native step of 1 to 2 ms is one sample. Here a main thread takes messages of a worker:
# the file has 0.41 s of `(program)`, and the panel 0.05 s. The rest is the time of functions such as `now`, which calls
# nothing. At an interval of 0.1 ms, each step has several samples, and both nearly agree. A recording of a NestJS service
# under load had 0.84 s in the file and 0.25 s in the panel.
#
# Seen with @paulirish/trace_engine 0.0.65, which is DevTools' code for Node, on Node 20. Exit code 0: still so. 1: the
# behaviour changed. Users meet it when they open a profile of a service with workers, TLS or sockets in DevTools.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @paulirish/trace_engine@0.0.65
cat >program.js <<'JS'
const { Worker, isMainThread, parentPort } = require('node:worker_threads');
if (!isMainThread) {
  const batch = Array.from({ length: 3000 }, (_, id) => ({ id, name: `row ${id}`, tags: [id, id + 1] }));
  parentPort.on('message', () => parentPort.postMessage(batch));
} else {
  const worker = new Worker(__filename);
  let left = 500;
  worker.on('message', function received() {
    for (const end = performance.now() + 2; performance.now() < end;);
    if (left-- > 0) worker.postMessage('more');
    else process.exit();
  });
  for (let at = 0; at < 8; at++) worker.postMessage('more');
}
JS
cat >open.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { polyfillDOMRect } from '@paulirish/trace_engine/analyze-trace.mjs';
import * as Trace from '@paulirish/trace_engine';
globalThis.window = globalThis;
polyfillDOMRect();
// DevTools opens a .cpuprofile in this way: as a trace with one event.
const { createFakeTraceFromCpuProfile } = Trace.Helpers.SamplesIntegrator.SamplesIntegrator;
async function compare(name) {
  const profile = JSON.parse(readFileSync(`${name}.cpuprofile`, 'utf8'));
  const names = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame.functionName]));
  const file = {};
  const panel = {};
  const add = (sums, name, micros) => { sums[name] = (sums[name] ?? 0) + micros / 1e6; };
  profile.samples.forEach((id, at) => add(file, names.get(id), profile.timeDeltas[at + 1] ?? 0));
  const engine = Trace.Processor.TraceProcessor.createWithAllHandlers();
  const { traceEvents, metadata } = createFakeTraceFromCpuProfile(profile, 1);
  await engine.parse(traceEvents, { isCPUProfile: true, metadata });
  for (const [{ callFrame }, { selfTime }] of engine.data.Samples.entryToNode) add(panel, callFrame?.functionName, selfTime ?? 0);
  for (const name of ['(program)', 'now', 'received', 'postMessage', '(garbage collector)'])
    console.log(`  ${name}: ${(file[name] ?? 0).toFixed(2)} s in the file, ${(panel[name] ?? 0).toFixed(2)} s in the panel`);
  return panel['(program)'] / file['(program)'];
}
const shares = {};
for (const interval of ['1000', '100']) {
  console.log(`a sample each ${interval} microseconds:`);
  shares[interval] = await compare(interval);
}
process.exit(shares[1000] < 0.7 && shares[100] > shares[1000] + 0.25 ? 0 : 1);
JS
echo "@paulirish/trace_engine $(node -p "require('@paulirish/trace_engine/package.json').version"), node $(node --version)"
for interval in 1000 100; do
  node --cpu-prof --cpu-prof-interval "$interval" --cpu-prof-dir "at-$interval" program.js
  cp "$(grep -l '"received"' "at-$interval"/*)" "$interval.cpuprofile"
done
node open.mjs
