#!/usr/bin/env bash
# Node's trace files have no mark, no measure and no timed function, although three categories are meant for them.
#
# The documentation of trace events lists `node.perf` ("Performance API measurements"), `node.perf.usertiming` ("only
# Performance API User Timing measurements and marks") and `node.perf.timerify`. Node accepts them, says nothing, and
# writes a file without one such event. A PerformanceObserver in the same process receives all of them. Other categories
# of the same run, such as `node.fs.sync`, are in the file. So the phases that a service marks are missing from its
# timeline in Perfetto and DevTools, which looks as if the code had not run.
#
# Seen with Node 20.20.2; 22.23.3, 24.21.0 and 26.10.0 do the same. Exit code 0: still so. 1: it changed.
# Users meet it when they mark the phases of a request and want to see them above the events of Node and V8.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
cat >service.js <<'JS'
const { statSync } = require('node:fs');
const { performance, PerformanceObserver } = require('node:perf_hooks');
const observer = new PerformanceObserver(() => {});
observer.observe({ entryTypes: ['mark', 'measure', 'function'] });
const load = performance.timerify(function load() { statSync('.'); });
for (let at = 0; at < 100; at++) {
  performance.mark('query');
  load();
  performance.mark('answer');
  performance.measure('from query to answer', 'query', 'answer');
}
const seen = observer.takeRecords();
const count = (type) => seen.filter(({ entryType }) => entryType === type).length;
console.log(`the observer: ${count('mark')} marks, ${count('measure')} measures, ${count('function')} timed calls`);
process.exitCode = count('mark') === 200 && count('measure') === 100 && count('function') === 100 ? 0 : 1;
JS
cat >check.js <<'JS'
const { traceEvents } = JSON.parse(require('node:fs').readFileSync('trace.json', 'utf8'));
const own = /^(query|answer|from query to answer|load)$/;
const perf = traceEvents.filter(({ cat, name }) => cat.includes('node.perf') || own.test(name)).length;
const stats = traceEvents.filter(({ name, ph }) => name === 'fs.sync.stat' && ph === 'B').length;
console.log(`the trace: ${perf} events of node.perf, ${stats} begins of fs.sync.stat`);
process.exit(perf === 0 && stats >= 100 ? 0 : 1);
JS
echo "node $(node --version)"
node --trace-event-categories node.perf,node.perf.usertiming,node.perf.timerify,node.fs.sync --trace-event-file-pattern trace.json service.js
node check.js
