#!/usr/bin/env bash
# piscina reports a utilization of 0.001 for a pool whose threads are all busy all of the time.
#
# `pool.utilization` is documented as "a fraction between 0 and 1": the time of all tasks, divided by the time
# since the pool began times its threads. The mean of the tasks is in milliseconds, and is divided by 1,000 once
# more before it is compared with the duration of the pool, which is in milliseconds too. Here two threads work
# through 20 tasks of 300 ms, one after the other. `histogram.runTime` of the same pool has the 300 ms, and mean
# times number of tasks, divided by duration and threads, is near 1.
#
# Seen with piscina 5.3.2 on Node 20. Exit code 0: still so. 1: the behaviour changed. Users meet it when they add
# threads above a utilization: the pool never reaches it, at any load.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts piscina@5.3.2
cat >task.js <<'JS'
module.exports = (ms) => {
  let sum = 0;
  for (const end = Date.now() + ms; Date.now() < end;) sum += Math.sqrt(sum + end);
  return sum;
};
JS
cat >pool.js <<'JS'
const { Piscina } = require('piscina');
const TASKS = 20;
const THREADS = 2;
(async () => {
  const pool = new Piscina({ filename: `${__dirname}/task.js`, minThreads: THREADS, maxThreads: THREADS });
  await Promise.all(Array.from({ length: TASKS }, () => pool.run(300)));
  const { utilization, duration, completed } = pool;
  const { mean } = pool.histogram.runTime;
  await pool.destroy();
  const truth = (mean * completed) / (duration * THREADS);
  console.log(`${completed} tasks of ${mean.toFixed(0)} ms in ${duration.toFixed(0)} ms, ${THREADS} threads: ${truth.toFixed(2)} of the time`);
  console.log(`pool.utilization: ${utilization.toFixed(5)}`);
  process.exit(completed === TASKS && truth > 0.6 && Math.abs((1000 * utilization) / truth - 1) < 0.05 ? 0 : 1);
})();
JS
echo "piscina $(node -p "require('./node_modules/piscina/package.json').version"), node $(node --version)"
node pool.js
