#!/usr/bin/env bash
# perftrace shows a module that took 0.4 s to load as one of 0.1 s when a module within it has its name.
#
# `trackRequires(true)` marks the start of each require() under its text, `require("./config")`, and
# measures from the mark of that name when the call returns. The newest mark of a name counts. While
# `./config` loads, a file in its folder that requires its own `./config`, `./utils` or `./types`
# sets the mark again, and the outer call seems to have begun there. What it did before is in no
# event. Here `config/index.js` works for 300 ms, requires `./config` (50 ms), and works for
# 50 ms: the event of 400 ms has 100. Both events then begin at the same microsecond. Relative names
# such as `./index`, `./utils` and `./types` repeat in each folder of a service and its packages.
#
# Seen with perftrace 1.3.0 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they look for the module that makes a service slow to start.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts perftrace@1.3.0
mkdir config other
cat >busy.js <<'JS'
module.exports = (ms) => { for (const end = performance.now() + ms; performance.now() < end;); };
JS
cat >config/index.js <<'JS'
busy(300);
require('./config');
busy(50);
JS
echo 'busy(50);' >config/config.js
# The same work, and the inner file has another name.
sed 's/config/values/' config/index.js >other/index.js
cp config/config.js other/values.js
cat >app.js <<'JS'
const { TraceEvents, trackRequires } = require('perftrace');
globalThis.busy = require('./busy');
const events = new TraceEvents();
const took = {};
for (const name of ['./config', './other']) {
  trackRequires(true);
  const began = performance.now();
  require(name);
  took[name] = performance.now() - began;
  trackRequires(false);
}
setTimeout(() => {
  const { version } = JSON.parse(require('node:fs').readFileSync('node_modules/perftrace/package.json', 'utf8'));
  console.log(`perftrace ${version}, node ${process.version}`);
  const all = events.getEvents();
  events.destroy();
  const hidden = Object.entries(took).map(([name, ms]) => {
    const longest = Math.max(...all.filter((event) => event.name === `require("${name}")`).map(({ dur }) => dur / 1000));
    console.log(`require('${name}') took ${ms.toFixed(0)} ms; its longest event has ${longest.toFixed(0)} ms`);
    return ms - longest;
  });
  const starts = all.filter(({ name }) => name === 'require("./config")').map(({ ts }) => ts);
  process.exit(hidden[0] > 290 && hidden[1] < 150 && starts.length === 2 && starts[0] === starts[1] ? 0 : 1);
}, 100);
JS
node app.js
