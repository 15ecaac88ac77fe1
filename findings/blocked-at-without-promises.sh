#!/usr/bin/env bash
# blocked-at reports no block of a second that is made of promise callbacks of 10 ms.
#
# The README has "Detects slow synchronous execution", and "every value over the configured threshold", 20 ms by
# default. The package measures each asynchronous callback alone. All promise callbacks that are ready run before the
# event loop goes on, one behind the other, each of them below the threshold. A loop with `await` around work that needs
# no input, such as one over the rows of an answer, is such a chain. No timer and no request gets a turn for the whole
# second, and `monitorEventLoopDelay` of Node shows it. A loop without `await` is reported with its second.
#
# Seen with blocked-at 1.2.0 on Node 20.20.2. Exit code 0: still so. 1: it changed.
# Users meet it when they look for the code behind a delay of the event loop: the tool for this finds nothing.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --prefer-offline --ignore-scripts blocked-at@1.2.0
cat >service.js <<'JS'
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { setTimeout: pause } = require('node:timers/promises');
const delay = monitorEventLoopDelay({ resolution: 1 });
const reports = [];
require('blocked-at')((time) => reports.push(Math.round(time)));
const work = () => { for (const end = performance.now() + 10; performance.now() < end;); };
const loops = {
  'with await': async () => { for (let row = 0; row < 100; row++) { await null; work(); } },
  'without await': async () => { for (let row = 0; row < 100; row++) work(); },
};
(async () => {
  const seen = {};
  delay.enable();
  for (const [name, loop] of Object.entries(loops)) {
    delay.reset();
    // The histogram needs a turn of its timer after it was reset.
    await pause(100);
    reports.length = 0;
    await loop();
    await pause(100);
    seen[name] = { longest: Math.max(0, ...reports), blocked: Math.round(delay.max / 1e6) };
    console.log(`${name}: the loop was blocked for ${seen[name].blocked} ms, the longest report has ${seen[name].longest} ms`);
  }
  const chain = seen['with await'];
  const single = seen['without await'];
  process.exit(chain.blocked > 900 && chain.longest < 300 && single.blocked > 900 && single.longest > 900 ? 0 : 1);
})();
JS
echo "blocked-at $(node -p "require('blocked-at/package.json').version"), node $(node --version)"
node service.js
