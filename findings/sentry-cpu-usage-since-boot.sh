#!/usr/bin/env bash
# The CPU usage in Sentry's profiles is the mean since the machine was started.
#
# A profile of @sentry/profiling-node has a measurement `cpu_usage` with a value every 100 ms, to be shown above
# the flame graph. Its recorder takes the times of the cores from libuv, which count from the start of the
# machine, and divides them: it never takes the difference of two values. On a host that has been up for a day a
# load of all cores for a minute moves the value by a thousandth. Its `unit` is "percent", and the value is a
# share: 0.63 for 63 %. Here the machine is given nothing to do for a second, and then all its cores work for 3 s.
# `os.cpus()`, the same source, has the load of these 3 s when the difference is taken.
#
# Seen with @sentry-internal/node-cpu-profiler 2.4.1 on Node 20. Exit code 0: still so. 1: it changed. Users meet
# it when they look for the load under which a slow profile was recorded. Right after the start of a machine the
# value moves more.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @sentry-internal/node-cpu-profiler@2.4.1
cat >service.js <<'JS'
const { CpuProfilerBindings: sentry } = require('@sentry-internal/node-cpu-profiler');
const { setTimeout: sleep } = require('node:timers/promises');
const { Worker } = require('node:worker_threads');
const os = require('node:os');
const times = () => {
  let busy = 0;
  let idle = 0;
  for (const { times } of os.cpus()) {
    idle += times.idle;
    busy += times.user + times.nice + times.sys + times.irq;
  }
  return { busy, idle };
};
const share = ({ busy, idle }) => busy / (busy + idle);
(async () => {
  sentry.startProfiling('load');
  await sleep(1000);
  const before = times();
  const worker = 'for (const end = Date.now() + 3000; Date.now() < end;) Math.sqrt(end);';
  await Promise.all(os.cpus().map(() => new Promise((done) => new Worker(worker, { eval: true }).on('exit', done))));
  const after = times();
  const { measurements } = sentry.stopProfiling('load', 0);
  const { unit, values } = measurements.cpu_usage;
  const first = values[0].value;
  const last = values.at(-1).value;
  const load = share({ busy: after.busy - before.busy, idle: after.idle - before.idle });
  const boot = share(after);
  console.log(`cpu_usage: ${first.toFixed(3)} before the load, ${last.toFixed(3)} at its end, in ${unit}`);
  console.log(`os.cpus(): ${load.toFixed(3)} during the load, ${boot.toFixed(3)} since the machine was started`);
  process.exit(load > 0.85 && Math.abs(last - boot) < 0.01 && Math.abs(last - first) < 0.05 && unit === 'percent' ? 0 : 1);
})();
JS
echo "@sentry-internal/node-cpu-profiler $(node -p "require('./node_modules/@sentry-internal/node-cpu-profiler/package.json').version"), node $(node --version)"
node service.js
