#!/usr/bin/env bash
# pidusage reports 0 % CPU for a busy process when it is asked less than once a minute.
#
# The CPU of pidusage is that since the call before. It keeps the counters of that call for 60 s
# (`maxage`). Without them, which is so in the first call and in each call after a longer pause, it
# reads the counters twice in a row and divides the difference, with one and the same time of the
# system for both: the result is always 0. Nothing marks the value as missing. So a monitor that
# looks every two minutes draws a line of zeros, and a program that asks once for each process
# finds all of them at rest. `ctime` and `elapsed` are right in the same answer. Here a process
# uses a whole core. It is asked every second with the default `maxage`, and every 3 s with a
# `maxage` of 1 s instead of every three minutes, so that the test is short.
#
# Seen with pidusage 4.1.0 on Linux. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they sample the CPU of Node processes during a load test.
set -euo pipefail
scratch=$(mktemp -d)
busy=
trap 'kill $busy 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund pidusage@4.1.0
node -e 'for (;;);' &
busy=$!
cat >ask.js <<'JS'
const pidusage = require('pidusage');
const { version } = require('pidusage/package.json');
const pid = Number(process.argv[2]);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const ask = async (calls, ms, options) => {
  const values = [];
  let before;
  for (let call = 0; call < calls; call++) {
    const { cpu, ctime, elapsed } = await pidusage(pid, options);
    const used = before ? (100 * (ctime - before.ctime)) / (elapsed - before.elapsed) : (100 * ctime) / elapsed;
    before = { ctime, elapsed };
    values.push({ cpu, used });
    await pause(ms);
  }
  return values;
};
const print = (title, values) => {
  console.log(title);
  for (const { cpu, used } of values) console.log(`  cpu ${cpu.toFixed(1)} %, by ctime and elapsed ${used.toFixed(1)} %`);
};
(async () => {
  await pause(2000);
  console.log(`pidusage ${version}, node ${process.version}, a process that uses a core`);
  const often = await ask(4, 1000);
  print('asked within maxage:', often);
  pidusage.clear();
  const seldom = await ask(4, 3000, { maxage: 1000 });
  print('asked after maxage:', seldom);
  const still = [often[0], ...seldom].every(({ cpu, used }) => cpu === 0 && used > 5) && often.slice(1).every(({ cpu }) => cpu > 5);
  process.exit(still ? 0 : 1);
})();
JS
node ask.js "$busy"
