#!/usr/bin/env bash
# A thread of piscina that waits for a task has an event loop utilization of 1, and a CPU profile full of work.
#
# piscina is a pool of worker threads. By default a thread waits for its next task in `Atomics.wait()`, within its
# event loop and not below it. Node and V8 see a function that runs: `eventLoopUtilization()` of the thread is 1,
# all of its time is active, and in the profile of `node --cpu-prof` the wait is time of `atomicsWaitLoop` in
# piscina's worker.js; `(idle)` is missing. The thread uses no CPU. Here a pool of two threads has nothing to do
# for 2 s. With `atomics: 'disabled'` utilization is near 0 and the profile has `(idle)`.
#
# Seen with piscina 5.3.2 on Node 20. Exit code 0: still so. 1: the behaviour changed. Users meet it when they
# scale a pool by the utilization of its threads, or add up the profiles of a service.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts piscina@5.3.2
echo 'module.exports = (number) => number + 1;' >task.js
cat >pool.js <<'JS'
const { Piscina } = require('piscina');
const { setTimeout: sleep } = require('node:timers/promises');
const WAIT_MS = 2000;
(async () => {
  const options = process.argv[2] === 'disabled' ? { atomics: 'disabled' } : {};
  const pool = new Piscina({ filename: `${__dirname}/task.js`, minThreads: 2, maxThreads: 2, ...options });
  await Promise.all([1, 2, 3, 4].map((number) => pool.run(number)));
  await sleep(500);
  const loops = () => pool.threads.map((thread) => thread.performance.eventLoopUtilization());
  const before = loops();
  const cpu = process.cpuUsage();
  await sleep(WAIT_MS);
  const { user, system } = process.cpuUsage(cpu);
  const used = pool.threads.map((thread, at) => thread.performance.eventLoopUtilization(before[at]).utilization);
  await pool.destroy();
  console.log(JSON.stringify({ used, cpu: (user + system) / 1000 / WAIT_MS }));
})();
JS
cat >compare.js <<'JS'
const { execFileSync } = require('node:child_process');
const { readFileSync, readdirSync } = require('node:fs');
let holds = true;
for (const atomics of ['default', 'disabled']) {
  const run = (...options) => JSON.parse(execFileSync(process.execPath, [...options, 'pool.js', atomics], { encoding: 'utf8' }));
  // A CPU profiler changes the utilization (node-cpu-profiler-loop-utilization.sh), so it is that of a run without one.
  const { used, cpu } = run();
  run('--cpu-prof', `--cpu-prof-dir=${atomics}`);
  const time = {};
  for (const file of readdirSync(atomics)) {
    const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(`${atomics}/${file}`, 'utf8'));
    const names = new Map(nodes.map(({ id, callFrame }) => [id, callFrame.functionName]));
    // The profiles of the threads have the worker's function, and that of the main thread has not.
    if (!nodes.some(({ callFrame }) => callFrame.url.endsWith('piscina/dist/worker.js'))) continue;
    samples.forEach((id, at) => {
      const name = names.get(id);
      time[name] = (time[name] ?? 0) + (timeDeltas[at + 1] ?? 0) / 1e6;
    });
  }
  const seconds = (name) => (time[name] ?? 0).toFixed(1);
  console.log(`atomics ${atomics}: utilization of the threads ${used.map((one) => Math.abs(one).toFixed(2)).join(' and ')}, CPU of the process ${cpu.toFixed(2)}; their profiles: atomicsWaitLoop ${seconds('atomicsWaitLoop')} s, (idle) ${seconds('(idle)')} s`);
  const waits = Number(seconds('atomicsWaitLoop'));
  const idle = Number(seconds('(idle)'));
  holds &&= cpu < 0.3 && used.length === 2;
  holds &&= atomics === 'default' ? Math.min(...used) > 0.99 && waits > 2 && idle < 0.5 : Math.max(...used) < 0.3 && idle > 1 && waits === 0;
}
process.exit(holds ? 0 : 1);
JS
echo "piscina $(node -p "require('./node_modules/piscina/package.json').version"), node $(node --version)"
node compare.js
