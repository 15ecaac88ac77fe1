#!/usr/bin/env bash
# V8's profilers leave out the function that called a builtin, when the builtin has no frame of its own.
#
# Some of V8's builtins run without a stack frame: those behind `array.includes`, `array.slice`,
# `string.substring`, the concatenation of strings, and arithmetic in baseline code (Sparkplug). When a sample hits
# such a builtin, V8 walks the stack from the frame pointer, which is still that of the calling function,
# and takes the next return address. That address is in the caller of the calling function, so the calling
# function itself is not in the sample: `drive` seems to call the builtin, and not `includes`, which `drive`
# calls. `node --prof` and `node --cpu-prof` both do so, and every program that reads their files shows it.
#
# Here two functions use half of the CPU time each, as the program itself measures. One of them does nothing
# but `array.includes` over numbers with fractions. A fifth to two fifths of the samples of `drive` have neither.
#
# Seen with Node 20.20.2, 22.23.3 and 24.21.0. Exit code 0: still so. 1: the behaviour changed. Users meet it as
# a function of their own that is missing, beside a caller of it that has too much.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund node@24.21.0
cat >program.js <<'JS'
const numbers = Array.from({ length: 64 }, (_, at) => at * 1.5);
let sum = 0;
const used = () => process.cpuUsage().user;
function includes(until) { while (used() < until) for (let at = 0; at < 3000; at++) sum += numbers.includes(93.5); }
function roots(until) { while (used() < until) for (let at = 0; at < 30000; at++) sum += Math.sqrt(sum + at); }
function drive(work) { work(used() + 5000); }
while (used() < 1_000_000) { drive(includes); drive(roots); }
JS
node_modules/.bin/node --cpu-prof --cpu-prof-name=program.cpuprofile program.js
node - <<'JS'
const profile = JSON.parse(require('node:fs').readFileSync('program.cpuprofile', 'utf8'));
const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
const parent = new Map(profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id])));
const within = (name) => profile.samples.filter((id) => {
  for (let at = id; at !== undefined; at = parent.get(at)) if (nodes.get(at).callFrame.functionName === name) return true;
  return false;
}).length;
const [includes, roots, all] = [within('includes'), within('roots'), within('drive')];
const neither = all - includes - roots;
console.log(`includes: ${includes} samples, roots: ${roots}, neither: ${neither}, of the ${all} of drive, which only calls them`);
process.exit(neither * 10 > all ? 0 : 1);
JS
