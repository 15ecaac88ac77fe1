#!/usr/bin/env bash
# v8-profiler-next writes the `nodes` of a .cpuprofile with lines and columns from 1. The
# format of DevTools, which has the same keys and the same ending, counts from 0, as the files
# of `node --cpu-prof` do. So DevTools, VS Code and speedscope show every function of such a
# file one line and one column too far.
#
# Seen with v8-profiler-next 1.10.0 (`setGenerateType(1)`) on Node 20. Users meet it when they
# open a profile from a server that is profiled with this package, and when they compare it
# with one of `--cpu-prof`.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent --ignore-scripts v8-profiler-next@1.10.0
(cd node_modules/v8-profiler-next && npm run --silent install >install.log 2>&1) \
  || { tail -5 node_modules/v8-profiler-next/install.log; exit 2; }
cat >program.js <<'JS'
function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
const end = Date.now() + 300;
while (Date.now() < end) fib(20);
JS
cat >profile.js <<'JS'
const profiler = require('v8-profiler-next');
const fs = require('node:fs');
profiler.setGenerateType(1);
profiler.startProfiling('run', true);
require('./program.js');
const profile = profiler.stopProfiling('run');
profile.export((error, text) => { fs.writeFileSync('package.cpuprofile', text); profile.delete(); });
JS
cat >compare.js <<'JS'
const fs = require('node:fs');
const of = file => {
  const { nodes } = JSON.parse(fs.readFileSync(file));
  const { lineNumber, columnNumber } = nodes.find(it => it.callFrame.functionName === 'fib').callFrame;
  console.log(`${file}: fib at line ${lineNumber}, column ${columnNumber}`);
  return [lineNumber, columnNumber];
};
const [node, own] = [of('node.cpuprofile'), of('package.cpuprofile')];
process.exit(own[0] === node[0] + 1 && own[1] === node[1] + 1 ? 0 : 1);
JS
node --version
node --cpu-prof --cpu-prof-name=node.cpuprofile program.js
node profile.js
node compare.js
echo 'SEEN: positions of v8-profiler-next are one further than those of node --cpu-prof'
