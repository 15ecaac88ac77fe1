#!/usr/bin/env bash
# chrome-trace-event leaves the fields of a tracer out of its events, so concurrent requests share one thread.
#
# The package took its interface from `trace-event`: `new Tracer({ fields })` and `tracer.child(fields)` have fields "for
# all events", such as a category, arguments or a `tid` of its own for each request. trace-event copies them into each
# event. chrome-trace-event, which replaced it in webpack and others, keeps them, checks them and never
# reads them again. All events have the process's number as `tid`. In the Trace Event Format an end belongs to
# what its thread began last, so of two requests that overlap each gets the end of the other. Here
# `first` takes 0.2 s and `second` 0.3 s; the file of chrome-trace-event has 0.4 s and 0.1 s.
#
# Seen with chrome-trace-event 1.0.4, trace-event 1.3.2 on Node 20.20.2. Exit code 0: still so. 1: it changed.
# Users meet it when a service writes a trace of its requests with a tracer for each.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund chrome-trace-event@1.0.4 trace-event@1.3.2
cat >service.js <<'JS'
const { setTimeout: sleep } = require('node:timers/promises');
const chrome = require('chrome-trace-event');
const original = require('trace-event');
async function trace(tracer) {
  const events = [];
  tracer.on('data', (event) => events.push(event));
  let lanes = 0;
  const request = async (name, ms) => {
    const own = tracer.child({ cat: ['request'], tid: ++lanes });
    own.begin({ name });
    await sleep(ms);
    own.end({ name });
  };
  const first = request('first', 200);
  await sleep(100);
  await Promise.all([first, request('second', 300)]);
  await sleep(50);
  // The rule of the format: an end belongs to what the same thread began last. trace-event writes b and e.
  const open = new Map();
  const seconds = {};
  let mixed = 0;
  for (const { ph, pid, tid, ts, name } of events.sort((one, other) => one.ts - other.ts)) {
    const key = `${pid} ${tid}`;
    const stack = open.get(key) ?? open.set(key, []).get(key);
    if (ph.toUpperCase() === 'B') stack.push({ name, ts });
    else if (ph.toUpperCase() === 'E') {
      const begun = stack.pop();
      if (begun.name !== name) mixed++;
      seconds[begun.name] = (ts - begun.ts) / 1e6;
    }
  }
  const threads = new Set(events.map(({ tid }) => tid)).size;
  const categories = new Set(events.map(({ cat }) => cat));
  console.log(`  ${threads} thread(s), category ${[...categories]}: first ${seconds.first.toFixed(2)} s, second ${seconds.second.toFixed(2)} s, ${mixed} ends of the other request`);
  return { threads, mixed, categories };
}
(async () => {
  console.log(`trace-event ${require('trace-event/package.json').version}:`);
  const right = await trace(original.createTracer({ objectMode: true }));
  console.log(`chrome-trace-event ${require('chrome-trace-event/package.json').version}:`);
  const wrong = await trace(new chrome.Tracer({ objectMode: true }));
  const holds = right.threads === 2 && wrong.threads === 1 && right.categories.has('request') && !wrong.categories.has('request');
  process.exit(holds && right.mixed === 0 && wrong.mixed === 2 ? 0 : 1);
})();
JS
echo "node $(node --version)"
node service.js
