#!/usr/bin/env bash
# 0x and clinic flame leave out every sample whose line in V8's log has 1,024 characters or more.
#
# A tick is one line, and each frame of its stack adds its address to the line. A stack of some 90
# frames reaches the limit: middlewares, interceptors and ORMs make such stacks. 0x drops the line
# before V8's processor sees it, without a message, so the deepest work of a server is missing
# from its flame graph, and the shares of everything else are too large. @clinic/flame 13.0.0
# uses 0x 5.8.0, whose lib/v8-log-to-ticks.js has the same line.
#
# Seen with 0x 6.0.0 on Node 20.20.2. Exit code 0: still so. 1: the behaviour changed.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund 0x@6.0.0
cat >deep.js <<'JS'
// Equal work at the end of a deep stack and of a flat one.
function spin(ms) {
  const end = performance.now() + ms;
  let x = 0;
  while (performance.now() < end) x += Math.sqrt(x + 1);
  return x;
}
function deepWork(ms) { return spin(ms); }
function flatWork(ms) { return spin(ms); }
const make = (at) => new Function('next', 'ms', `return function middleware${at}() { return next(ms) }`);
const chain = Array.from({ length: 120 }, (_, at) => make(at));
const deep = (ms) => chain.reduce((next, wrap) => wrap(next, ms), deepWork)(ms);
for (let turn = 0; turn < 100; turn++) { deep(10); flatWork(10); }
JS
npx 0x --silent --output-dir out -- node deep.js >/dev/null 2>&1
log=$(ls out/isolate*-v8.log)
recorded=$(grep -c '^tick' "$log")
long=$(awk '/^tick/ && length($0) >= 1024' "$log" | wc -l)
kept=$(grep -c '^tick' "$log.preprocess-ready")
echo "0x $(node -p "require('0x/package.json').version"), node $(node --version)"
echo "ticks in V8's log: $recorded, of 1,024 characters or more: $long; ticks that 0x goes on with: $kept"
shown() { grep -o "$1 " out/flamegraph.html | wc -l; }
echo "places in the flame graph: deepWork $(shown deepWork), flatWork $(shown flatWork)"
[[ $long -gt 100 && $((recorded - kept)) -eq $long && $(shown deepWork) -eq 0 && $(shown flatWork) -gt 0 ]]
echo 'half of the work of this program is in no box'
