#!/usr/bin/env bash
# node-os-utils has 0 % CPU and 0 % memory for a busy process that it is asked about by its number.
#
# `process.byPid(pid)` and `process.current()` return the fields of the package's list of processes: `cpuUsage`,
# `memoryPercentage`, `runtime`. On Linux they read files of /proc, which have no percentages, and nothing else is
# asked: a missing number becomes 0, without an error (`success` is true). `process.list()` asks ps, and has both
# percentages, but no time of start: there each process started a moment ago, and `runtime` is 0, though the same
# process has seconds by its number. Here a process works all of the time and holds 300 MB.
#
# Seen with node-os-utils 2.0.5 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when a service records its own CPU usage under load, or watches the process of another one.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts node-os-utils@2.0.5
cat >watch.js <<'JS'
const { spawn } = require('node:child_process');
const { readFileSync } = require('node:fs');
const { OSUtils } = require('node-os-utils');
const { version } = JSON.parse(readFileSync('node_modules/node-os-utils/package.json', 'utf8'));
const BUSY = 'const kept = Buffer.alloc(300e6, 1); for (const end = Date.now() + 15000; Date.now() < end;);';
(async () => {
  console.log(`node-os-utils ${version}, node ${process.version}`);
  const busy = spawn(process.execPath, ['-e', BUSY]);
  await new Promise((resolve) => setTimeout(resolve, 4000));
  const utils = new OSUtils();
  const byPid = await utils.process.byPid(busy.pid);
  const list = await utils.process.list();
  const listed = list.data.find(({ pid }) => pid === busy.pid);
  // Fields 14 and 15 of /proc/PID/stat: ticks of a hundredth of a second in user and kernel mode.
  const fields = readFileSync(`/proc/${busy.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  const seconds = (Number(fields[11]) + Number(fields[12])) / 100;
  busy.kill();
  const row = (title, { cpuUsage, memoryPercentage, memoryUsage, runtime }) =>
    console.log(`${title}: ${cpuUsage} % CPU, ${memoryPercentage} % of the memory (${memoryUsage.toMB().toFixed(0)} MB), running for ${(runtime / 1000).toFixed(1)} s`);
  row('byPid()', byPid.data);
  row('list() ', listed);
  console.log(`/proc: ${seconds.toFixed(1)} s of CPU time in about 4 s`);
  const zero = byPid.success && byPid.data.cpuUsage === 0 && byPid.data.memoryPercentage === 0 && byPid.data.runtime > 2000;
  process.exit(zero && seconds > 0.4 && listed.cpuUsage > 5 && listed.memoryPercentage > 0 && listed.runtime === 0 ? 0 : 1);
})();
JS
node watch.js
