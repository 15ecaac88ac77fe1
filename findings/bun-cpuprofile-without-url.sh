#!/usr/bin/env bash
# `bun --cpu-prof` writes V8's format with three surprises: `startTime` is the wall clock and
# not a monotonic one, there are no samples of (idle), so that a wait of 0.7 s is one time
# step, and default constructors have a script and a place but no URL, as if `eval` had made
# them.
#
# Seen with bun 1.4.5 (npm). Users meet it when they read Bun's profiles in DevTools or
# speedscope, which charge the wait to the function that was sampled before it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent --foreground-scripts bun@1.4.5
cat >program.js <<'JS'
class Base { constructor() { this.x = 0; for (let i = 0; i < 2e5; i++) this.x += i; } }
class Made extends Base {}
const busy = () => { const end = Date.now() + 300; while (Date.now() < end) new Made(); };
busy();
setTimeout(busy, 700);
JS
node_modules/.bin/bun --version
node_modules/.bin/bun --cpu-prof program.js
node -e '
const profile = JSON.parse(require("fs").readFileSync(require("fs").readdirSync(".").find(it => it.endsWith(".cpuprofile"))));
const frames = profile.nodes.map(it => it.callFrame);
const made = frames.find(it => it.functionName === "Made");
const step = Math.max(...profile.timeDeltas) / 1000;
const idle = frames.some(it => it.functionName === "(idle)");
console.log(`startTime ${profile.startTime}, longest step ${step.toFixed(0)} ms, (idle): ${idle}, Made:`, made);
const wall = Math.abs(profile.startTime / 1000 - Date.now()) < 60e3;
process.exit(wall && step > 500 && !idle && made && made.url === "" && Number(made.scriptId) > 0 ? 0 : 1);'
echo 'SEEN: the wall clock, no idle samples, a constructor without a URL'
