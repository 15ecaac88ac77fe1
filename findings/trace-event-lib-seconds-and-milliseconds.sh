#!/usr/bin/env bash
# trace-event-lib makes an event of a tenth of a second last 16 minutes when a second ends in it.
#
# The package writes traces of Chrome's format, whose times are microseconds. It takes the time from
# process.hrtime(), which is a pair of seconds and nanoseconds. The seconds are multiplied by 1e9 on
# the way, and the nanoseconds become microseconds, so a second of the clock has the length of 1,000 s
# and holds only the first 1 s of them. An event within one second is right. One that is running
# when the next second begins is 999 s too long: of events of 100 ms one in ten, and every event of more
# than a second. A viewer draws the others too thin to be seen. `ts` given by the caller is written as it is.
#
# Seen with trace-event-lib 1.4.1 on Node 20. The clock is replaced, so that each run begins at the
# same place of a second; the last row has the real one. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when a service writes a trace of its own steps and they open it in a viewer.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts trace-event-lib@1.4.1
cat >trace.js <<'JS'
const real = process.hrtime;
let clock = 0;
let fixed = true;
process.hrtime = Object.assign((...of) => (fixed ? [Math.floor(clock / 1000), (clock % 1000) * 1e6] : real(...of)), real);
const { AbstractEventBuilder } = require('trace-event-lib');
class Trace extends AbstractEventBuilder {
  events = [];
  send(event) { this.events.push(event); }
}
const { version } = require('trace-event-lib/package.json');
console.log(`trace-event-lib ${version}, node ${process.version}`);
function lasted(pass) {
  const trace = new Trace();
  trace.begin({ name: 'query' });
  pass();
  trace.end({ name: 'query' });
  const [begin, end] = trace.events;
  return (end.ts - begin.ts) / 1e6;
}
const rows = [
  [7000, 100],
  [7850, 100],
  [7950, 100],
  [7000, 1500],
].map(([at, ms]) => {
  clock = at;
  const seconds = lasted(() => { clock += ms; });
  console.log(`from ${at / 1000} s of the clock, ${ms} ms: the events are ${seconds} s apart`);
  return seconds - ms / 1000;
});
fixed = false;
const slow = lasted(() => { for (const end = performance.now() + 1100; performance.now() < end;); });
console.log(`1.1 s of the real clock: the events are ${slow.toFixed(0)} s apart`);
const near = (value, other) => Math.abs(value - other) < 0.01;
process.exit(near(rows[0], 0) && near(rows[1], 0) && near(rows[2], 999) && near(rows[3], 999) && slow > 900 ? 0 : 1);
JS
node trace.js
