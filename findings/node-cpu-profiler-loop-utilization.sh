#!/usr/bin/env bash
# While a CPU profiler runs, Node's event loop utilization of an idle process is 0.9 and not 0.
#
# V8's CPU profiler interrupts the thread with a signal for each sample. libuv counts as idle how long its last
# poll waited, and a poll that a signal interrupted is begun anew without its time being counted. So
# `eventLoopUtilization()` and `nodeTiming.idleTime` count nearly all of a wait as work. Here a process waits for
# a timer for 1.5 s and uses hardly any CPU. It is so with `node --cpu-prof`, with the inspector, and with
# packages for continuous profiling, such as @datadog/pprof, at 100 samples a second. With `node --prof` Node asks
# libuv to hold the signal back during a poll, and utilization is right.
#
# Seen with Node 20.20.2, 24.11.1 (npm's package `node`), @datadog/pprof 5.20.0. Exit code 0: still so. 1: it
# changed. Users meet it when a service that scales by utilization, or refuses requests above a limit, is
# profiled.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @datadog/pprof@5.20.0 node@24.11.1
cat >idle.js <<'JS'
const { performance } = require('node:perf_hooks');
const way = process.argv[2];
if (way === 'inspector') {
  const session = new (require('node:inspector').Session)();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.start');
}
if (way === 'datadog') require('@datadog/pprof').time.start({ intervalMicros: 10000, durationMillis: 60000 });
setTimeout(() => {
  const loop = performance.eventLoopUtilization();
  const cpu = process.cpuUsage();
  setTimeout(() => {
    const { idle, active, utilization } = performance.eventLoopUtilization(loop);
    const { user, system } = process.cpuUsage(cpu);
    const share = (user + system) / 1000 / (idle + active);
    console.log(`node ${process.version}, ${way}: utilization ${utilization.toFixed(2)}, CPU ${share.toFixed(2)}`);
    const profiled = way !== 'none' && way !== 'prof';
    process.exit(share < 0.3 && (profiled ? utilization > 0.6 : utilization < 0.2) ? 0 : 1);
  }, 1500);
}, 300);
JS
for node in node node_modules/.bin/node; do
  "$node" idle.js none
  "$node" --prof --logfile=v8.log idle.js prof
  "$node" --cpu-prof --cpu-prof-dir=profiles idle.js cpu-prof
  "$node" idle.js inspector
  "$node" idle.js datadog
done
