#!/usr/bin/env bash
# Watt's profiler, which should run while a worker is busy, makes an idle worker look busy and never pauses.
#
# @platformatic/wattpm-pprof-capture takes CPU profiles with an `eluThreshold`: Watt measures the event loop
# utilization of a worker every second, resumes the profiler above the threshold, and pauses it below. The
# profiler is @datadog/pprof, and a CPU profiler in a thread makes the utilization of a wait count as work
# (node-cpu-profiler-loop-utilization.sh). Here a worker is at rest, busy for 3 s, and at rest again, with a
# threshold of 0.5. Before the load the utilization is 0 and the profiler is paused. After the load it stays near
# 0.9 in a process that uses hardly any CPU, and the profiler goes on. Watt's health checks (`maxELU`) read the
# same number.
#
# Seen with @platformatic/runtime 3.67.0, @platformatic/wattpm-pprof-capture 3.67.0, @datadog/pprof 5.20.0 on Node
# 24.11.1. Exit code 0: still so. 1: it changed. npm's packages are large: 180 MB, and node. Users meet it when
# they scale workers by their utilization, or look at its chart, once the profiler has begun.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund node@24.11.1 &
mkdir watt
cd watt
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @platformatic/runtime@3.67.0 @platformatic/node@3.65.0 \
  @platformatic/wattpm-pprof-capture@3.67.0 @datadog/pprof@5.20.0
wait
mkdir -p app/web
cat >app/watt.json <<'JSON'
{
  "$schema": "https://schemas.platformatic.dev/@platformatic/runtime/3.67.0.json",
  "entrypoint": "web",
  "applications": [{ "id": "web", "path": "./web" }],
  "preload": "../node_modules/@platformatic/wattpm-pprof-capture/index.js",
  "server": { "port": 0, "hostname": "127.0.0.1" },
  "logger": { "level": "error" },
  "metrics": false
}
JSON
echo '{ "name": "web", "type": "module", "main": "index.js", "dependencies": { "@platformatic/node": "3.65.0" } }' >app/web/package.json
echo '{ "$schema": "https://schemas.platformatic.dev/@platformatic/node/3.65.0.json" }' >app/web/watt.json
cat >app/web/index.js <<'JS'
import { createServer } from 'node:http';
function work(end) {
  if (Date.now() > end) return;
  for (const stop = Date.now() + 45; Date.now() < stop;);
  setTimeout(work, 5, end);
}
export function build() {
  return createServer((request, response) => {
    if (request.url === '/load') work(Date.now() + 3000);
    response.end();
  });
}
JS
cat >run.mjs <<'JS'
import { create } from '@platformatic/runtime';
import { setTimeout as sleep } from 'node:timers/promises';
const runtime = await create(new URL('./app', import.meta.url).pathname);
const url = await runtime.start();
let utilizations = [];
runtime.on('application:worker:health:metrics', ({ currentHealth }) => utilizations.push(currentHealth.elu));
await sleep(2000);
await runtime.startApplicationProfiling('web', { type: 'cpu', durationMillis: 60000, eluThreshold: 0.5 });
async function watch(title, ms) {
  utilizations = [];
  const cpu = process.cpuUsage();
  await sleep(ms);
  const { user, system } = process.cpuUsage(cpu);
  const used = (user + system) / 1000 / ms;
  const { isProfilerRunning } = await runtime.sendCommandToApplication('web', 'getProfilingState', { type: 'cpu' });
  const [lowest, highest] = [Math.min(...utilizations), Math.max(...utilizations)].map(Math.abs);
  console.log(`${title}: CPU ${used.toFixed(2)}, utilization ${lowest.toFixed(2)} to ${highest.toFixed(2)}, profiler ${isProfilerRunning ? 'runs' : 'is paused'}`);
  return { used, lowest, highest, isProfilerRunning };
}
const before = await watch('before the load', 3000);
await (await fetch(`${url}/load`)).text();
await sleep(5000);
const after = await watch('after the load ', 6000);
await runtime.close();
const rests = before.used < 0.4 && after.used < 0.4;
process.exit(rests && before.highest < 0.3 && !before.isProfilerRunning && after.lowest > 0.45 && after.isProfilerRunning ? 0 : 1);
JS
echo "@platformatic/runtime $(node -p "JSON.parse(require('fs').readFileSync('node_modules/@platformatic/runtime/package.json')).version"), node $(../node_modules/.bin/node --version)"
../node_modules/.bin/node run.mjs
