#!/usr/bin/env bash
# cpu-stat shows the mean of all cores when it is asked for core 0.
#
# The README has `usagePercent({ coreIndex: 0, sampleMs: 2000 }, ...)` for "the percentage cpu usage for
# core 0". The package takes `options.coreIndex || -1`, and 0 is false in JavaScript, so core 0 becomes
# -1, which stands for all cores. Each other core is right. A Node process is one thread: with it on core 0 of
# eight, at its limit, the answer is 12.5 %. Here the counters of the system are replaced by fixed ones of
# eight cores, of which core 0 alone is busy and core 3 is half busy.
#
# Seen with cpu-stat 2.0.1 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they watch the core of a pinned Node process during a load test.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts cpu-stat@2.0.1
cat >ask.js <<'JS'
const os = require('os');
const cpuStat = require('cpu-stat');
let seconds = 0;
// A second of core 0 is 1,000 ms of work, one of core 3 has 500, and all others have 1,000 of rest.
const core = (share) => ({ model: '', speed: 0, times: { user: seconds * share * 1000, nice: 0, sys: 0, irq: 0, idle: seconds * (1 - share) * 1000 } });
os.cpus = () => {
  seconds += 1;
  return [1, 0, 0, 0.5, 0, 0, 0, 0].map(core);
};
const ask = (options) => new Promise((resolve, reject) => {
  cpuStat.usagePercent(options, (error, percent) => (error ? reject(error) : resolve(percent)));
});
(async () => {
  console.log(`cpu-stat ${require('cpu-stat/package.json').version}, node ${process.version}, eight cores: core 0 works, core 3 half of the time`);
  const all = await ask({ sampleMs: 100 });
  const [zero, one, three] = [await ask({ coreIndex: 0, sampleMs: 100 }), await ask({ coreIndex: 1, sampleMs: 100 }), await ask({ coreIndex: 3, sampleMs: 100 })];
  console.log(`all cores ${all} %, core 0 ${zero} %, core 1 ${one} %, core 3 ${three} %`);
  process.exit(all === 18.75 && zero === 18.75 && one === 0 && three === 50 ? 0 : 1);
})();
JS
node ask.js
