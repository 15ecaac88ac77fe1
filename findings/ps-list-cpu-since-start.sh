#!/usr/bin/env bash
# ps-list shows a Node process that has just become busy as nearly idle.
#
# Its documentation has "the CPU usage percentage (0-100)" for `cpu`. The value is that of `ps`, the CPU time since the
# process began divided by the time since then. A service that waited for an hour and now uses a whole core has 2 %
# after a minute, and one that was busy at its start stays high while it rests. So a list sorted by `cpu` during a load
# test is one of what was busy at some time. Here a process rests for 15 s and then computes for 3 s; its CPU of the
# last seconds is a multiple of what ps-list has.
#
# Seen with ps-list 9.0.0 on Node 20, Linux with procps. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they look for the process that is at its limit.
set -euo pipefail
scratch=$(mktemp -d)
child=
trap 'kill $child 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts ps-list@9.0.0
cat >look.mjs <<'JS'
import { readFileSync } from 'node:fs';
import psList from 'ps-list';

const pid = Number(process.argv[2]);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
// Ticks of 10 ms: user and system time, fields 14 and 15 of the file, counted from behind the name.
const used = () => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
};
const began = performance.now();
await pause(15000);
const before = { at: performance.now(), cpu: used() };
await pause(3000);
const shown = (await psList()).find((entry) => entry.pid === pid).cpu;
const recent = (100 * (used() - before.cpu)) / ((performance.now() - before.at) / 1000);
const life = (100 * used()) / ((performance.now() - began) / 1000);
const { version } = JSON.parse(readFileSync('node_modules/ps-list/package.json', 'utf8'));
console.log(`ps-list ${version}, node ${process.version}: CPU of the last seconds ${recent.toFixed(1)} %, since the start ${life.toFixed(1)} %, ps-list ${shown} %`);
process.exit(recent > 1.5 * shown && Math.abs(shown - life) < 0.3 * life ? 0 : 1);
JS
# The child rests for 15 s and computes from then on.
node -e 'setTimeout(() => { for (;;); }, 15000);' &
child=$!
node look.mjs "$child"
