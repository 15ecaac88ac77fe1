#!/usr/bin/env bash
# Bun and Deno have an event loop utilization of 0 for a process that is busy nine tenths of the time.
#
# `performance.eventLoopUtilization()` is there in both, as in Node, and returns `idle`, `active` and
# `utilization`. All three are 0, whatever the process does. Nothing is thrown, and `typeof` finds a function. A
# service that refuses requests above a utilization, such as one with @fastify/under-pressure and
# `maxEventLoopUtilization: 0.8`, refuses none, and a chart of it shows a process at rest. Here a program works
# for 180 ms of every 200 ms. Node has about 0.9, and `process.cpuUsage()`, which all three have, shows the work.
#
# Seen with Bun 1.4.5, Deno 2.9.6 and Node 20. Exit code 0: still so. 1: it changed. Users meet it when they run a
# service with another runtime, and its limits or its metrics are made for Node.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --foreground-scripts bun@1.4.5 deno@2.9.6
cat >busy.mjs <<'JS'
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
const work = (ms) => {
  let sum = 0;
  for (const end = performance.now() + ms; performance.now() < end;) for (let at = 0; at < 5000; at++) sum += Math.sqrt(sum + at);
};
const { bun, deno, node } = process.versions;
const cpu = process.cpuUsage();
const before = performance.eventLoopUtilization();
const began = performance.now();
let worked = 0;
for (let turn = 0; turn < 10; turn++) {
  const from = performance.now();
  work(180);
  worked += performance.now() - from;
  await sleep(20);
}
const share = worked / (performance.now() - began);
const { user, system } = process.cpuUsage(cpu);
const { active, idle, utilization } = performance.eventLoopUtilization(before);
const name = bun ? `bun ${bun}` : deno ? `deno ${deno}` : `node ${node}`;
console.log(`${name}: busy ${share.toFixed(2)} of the time, ${Math.round((user + system) / 1000)} ms of CPU; active ${Math.round(active)} ms, idle ${Math.round(idle)} ms, utilization ${utilization.toFixed(2)}`);
const seen = bun || deno ? active === 0 && idle === 0 && utilization === 0 : Math.abs(utilization - share) < 0.1;
process.exitCode = seen && share > 0.6 ? 0 : 1;
JS
node busy.mjs
node_modules/.bin/bun busy.mjs
node_modules/.bin/deno run --allow-all --quiet busy.mjs
