#!/usr/bin/env bash
# statman-meter gives each request the time since the newest request began, in place of its own time.
#
# The README has the package for "incoming web service calls": `const event = meter.startEvent()` when a call
# begins and `event.stop()` when it ends. startEvent() assigns the stopwatch to a variable that it never declared, so it
# is one global variable for all events of the process. Each stop() stops and records the stopwatch of the event that
# was started last, be it of another meter. Calls one after the other are right. Here are 1,000 calls of 505 ms.
# With one a second the meter has a mean of 505 ms; with ten a second it has 7 ms, and with a hundred 18 ms.
# `getCount()` is right. Stopwatches of one's own, given to `record()`, have 505 ms each time.
#
# Seen with statman-meter 1.2.1 on Node 20.20.2. The clock is replaced, so the machine's speed does not matter.
# Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they time the calls of a server that has more than one at a time.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts statman-meter@1.2.1 statman-stopwatch@2.18.1
cat >calls.js <<'JS'
let now = 1e6;
Date.now = () => now;
process.hrtime = Object.assign(() => [Math.floor(now / 1000), (now % 1000) * 1e6], { bigint: () => BigInt(now) * 1000000n });
performance.now = () => now;
const Meter = require('statman-meter');
const Stopwatch = require('statman-stopwatch');
const { version } = require('statman-meter/package.json');
console.log(`statman-meter ${version}, node ${process.version}; 1,000 calls of 505 ms`);
function run(every) {
  const events = new Meter('events');
  const own = new Meter('stopwatches');
  const steps = Array.from({ length: 1000 }, (_, at) => {
    const call = {};
    const begin = () => { call.event = events.startEvent(); call.watch = new Stopwatch('call', true); };
    const end = () => { call.event.stop(); call.watch.stop(); own.record(call.watch.read()); };
    return [[at * every, begin], [at * every + 505, end]];
  }).flat().sort((a, b) => a[0] - b[0]);
  const zero = now;
  for (const [time, step] of steps) {
    now = zero + time;
    step();
  }
  now += 1000;
  const row = { events: events.getAverage(), own: own.getAverage() };
  const text = `mean of the events ${row.events.toFixed(0)} ms, of own stopwatches ${row.own.toFixed(0)} ms`;
  console.log(`one every ${every} ms: ${text}; counts ${events.getCount()} and ${own.getCount()}`);
  return row;
}
const rows = [1000, 100, 10].map(run);
const right = rows.every(({ own }) => Math.abs(own - 505) < 1) && Math.abs(rows[0].events - 505) < 1;
process.exit(right && rows[1].events < 50 && rows[2].events < 50 ? 0 : 1);
JS
node calls.js
