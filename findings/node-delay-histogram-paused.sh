#!/usr/bin/env bash
# Node's histogram of the event loop's delay counts the time in which it was off as one delay.
#
# `monitorEventLoopDelay()` of node:perf_hooks has `enable()` and `disable()`, which start and stop its timer. It
# records the time between two runs of the timer. `disable()` does not forget the last run, so the first
# run after the next `enable()` records the whole pause. Here it is on for half a second, off for 3 s, and on for half
# a second again, in a process that does nothing: `max` is 3 s, and the mean is several times that of a second
# histogram that was never off. `reset()` before `enable()` forgets the last run too, and all values with it.
#
# Seen with Node 20.20.2 and 24.11.1 (npm's package `node`). Exit code 0: still so. 1: it changed.
# Users meet it when they turn the histogram on for the steps of a load test, and read one maximum for all.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
cat >pause.mjs <<'JS'
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
const PAUSE_MS = 3000;
const always = monitorEventLoopDelay({ resolution: 10 });
const paused = monitorEventLoopDelay({ resolution: 10 });
always.enable();
paused.enable();
await sleep(500);
paused.disable();
await sleep(PAUSE_MS);
paused.enable();
await sleep(500);
paused.disable();
always.disable();
const row = (title, { count, max, mean }) =>
  console.log(`${title}: ${count} values, max ${(max / 1e6).toFixed(0)} ms, mean ${(mean / 1e6).toFixed(0)} ms`);
console.log(`node ${process.version}`);
row('always on     ', always);
row('off for 3 s   ', paused);
const holds = always.max / 1e6 < 1000 && paused.max / 1e6 > 0.98 * PAUSE_MS && paused.max / 1e6 < 1.5 * PAUSE_MS && paused.mean > 1.5 * always.mean;
process.exit(holds ? 0 : 1);
JS
for version in 20.20.2 24.11.1; do
  mkdir "$version"
  (cd "$version" && npm init -y >/dev/null && npm install --silent --no-audit --no-fund "node@$version")
  "$version/node_modules/.bin/node" pause.mjs
done
