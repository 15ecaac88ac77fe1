#!/usr/bin/env bash
# systeminformation shows a process that has been busy since it was started as idle, the first time that it sees it.
#
# `processes()` and `processLoad()` divide the CPU time of a process since the last call by the time of all cores since then.
# For a process that the last call did not list, the code divides by the time of all cores since the machine was booted: after
# some days of uptime that is 0.00 %, for a worker that has used a whole core for three seconds. The README has `cpu` as the
# "process % CPU", and warns of a first call for network and disk rates, which are null then. A cluster that replaces its
# workers, or a load test that starts a server, is idle in that reading, and the CPU time before it is in no reading.
# The next reading is the share of all cores, so a busy thread on 8 cores has 12.5 % (a whole core in top is 100 %).
#
# Seen with systeminformation 5.33.26 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they record the CPU usage of the processes of a service from start to end.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts systeminformation@5.33.26
cat >watch.js <<'JS'
const { spawn } = require('node:child_process');
const { readFileSync } = require('node:fs');
const { cpus } = require('node:os');
const { processes, version } = require('systeminformation');
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
// Fields 14 and 15 of /proc/PID/stat are hundredths of a second in user and kernel mode.
function usedSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
(async () => {
  console.log(`systeminformation ${version()}, node ${process.version}, ${cpus().length} cores`);
  await processes();
  const busy = spawn(process.execPath, ['-e', 'for (const end = Date.now() + 20000; Date.now() < end;);']);
  const rows = [];
  let [before, at] = [0, performance.now()];
  for (let reading = 1; reading <= 3; reading++) {
    await sleep(3000);
    const { cpu } = (await processes()).list.find(({ pid }) => pid === busy.pid);
    const [used, now] = [usedSeconds(busy.pid), performance.now()];
    const core = (100 * (used - before)) / ((now - at) / 1000);
    console.log(`reading ${reading}: ${cpu.toFixed(4)} % by systeminformation, ${(core / cpus().length).toFixed(1)} % of all cores (${core.toFixed(0)} % of one) by /proc`);
    rows.push({ cpu, share: core / cpus().length });
    [before, at] = [used, now];
  }
  busy.kill();
  const [first, ...later] = rows;
  const right = later.every(({ cpu, share }) => cpu > 0.5 * share && cpu < 2 * share);
  process.exit(first.cpu < 0.2 * first.share && right ? 0 : 1);
})();
JS
node watch.js
