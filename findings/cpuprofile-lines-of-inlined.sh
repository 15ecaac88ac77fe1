#!/usr/bin/env bash
# The lines of a function in a .cpuprofile (`positionTicks`) may be lines of another file.
#
# V8's CPU profiler counts, for each node of a profile, the lines in which its samples were.
# Where V8 has inlined a function, it counts the inlined function's line for the function
# around it, although that line is a line of the inlined function's own file. So a function
# of a file of 12 lines has most of its samples in line 40. DevTools, VS Code and other
# viewers that show times beside the lines of a source file show them beside lines that have
# nothing to do with them, or nowhere. Users meet this whenever a hot function calls a small
# one, which V8 inlines. Node 26 does not do it: there, the inlined function has a node.
#
# Versions: node 24.21.0 and 26.10.0 of npm.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
{
  for _ in $(seq 39); do echo '//'; done
  echo 'exports.inner = function inner(i) { return Math.sqrt(i) % 3; };'
} >far.cjs
cat >near.cjs <<'JS'
const { inner } = require('./far.cjs');
function hot(n) {
  let sum = 0;
  for (let i = 0; i < n; i++) {
    sum += inner(i);
  }
  return sum;
}
const end = Date.now() + 1500;
let total = 0;
while (Date.now() < end) total += hot(100000);
if (total < 0) console.log(total);
JS
seen=0
for version in 24.21.0 26.10.0; do
  mkdir "node-$version"
  npm install --prefix "node-$version" --no-audit --no-fund --silent "node@$version"
  node=$folder/node-$version/node_modules/node/bin/node
  "$node" --cpu-prof --cpu-prof-name="$version.cpuprofile" near.cjs
  echo "--- $("$node" --version), V8 $("$node" -p process.versions.v8): lines of hot (near.cjs has $(wc -l <near.cjs) lines)"
  "$node" -e '
    const { nodes } = JSON.parse(require("fs").readFileSync(process.argv[1]));
    const ticks = new Map();
    for (const { callFrame, positionTicks = [] } of nodes) {
      if (callFrame.functionName !== "hot" && callFrame.functionName !== "inner") continue;
      for (const { line, ticks: count } of positionTicks) {
        const key = `${callFrame.functionName} of ${callFrame.url.split("/").pop()}, line ${line}`;
        ticks.set(key, (ticks.get(key) ?? 0) + count);
      }
    }
    for (const [key, count] of [...ticks].sort((a, b) => b[1] - a[1])) console.log(`${count}  ${key}`);
  ' "$version.cpuprofile" | tee "$version.txt"
  if grep -q 'hot of near.cjs, line 40$' "$version.txt"; then seen=$((seen + 1)); fi
done
if [[ $seen -eq 0 ]]; then
  echo 'not seen any more' >&2
  exit 1
fi
