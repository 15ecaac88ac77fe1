#!/usr/bin/env bash
# On a busy machine, hundreds of samples of a .cpuprofile are of one moment (Node 23 and newer).
#
# V8's profiler takes a sample each millisecond. When other programs keep its thread from the processor, V8 12.9
# and newer make up for the samples that it missed: with Node 24.21.0 (npm's `node`), 137 of 288 samples
# came less than 80 µs after another, and 71 % were of one of two functions that ran equally long. Flame graphs of
# sample counts show such shares. Node 22.23.3 had 2 such samples of 188.
#
# Needs npm and Linux. Exits with 1 when Node 24 has no more samples that close to another than Node 22.
set -euo pipefail
folder=$(mktemp -d)
spinners=()
trap 'kill "${spinners[@]}" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
cat >busy.js <<'JS'
function first(end) { let sum = 0; while (performance.now() < end) for (let i = 0; i < 2000; i++) sum += Math.sqrt(i * sum + 1); return sum; }
function second(end) { let sum = 0; while (performance.now() < end) for (let i = 0; i < 2000; i++) sum += Math.sqrt(i * sum + 2); return sum; }
for (let round = 0; round < 8; round++) { first(performance.now() + 200); second(performance.now() + 200); }
JS
for version in 22.23.3 24.21.0; do
  npm install --prefix "$version" --no-audit --no-fund --silent "node@$version"
done
# Other programs, several for each processor.
for ((n = 0; n < 6 * $(nproc); n++)); do
  (while :; do :; done) &
  spinners+=($!)
done
for version in 22.23.3 24.21.0; do
  "$version/node_modules/node/bin/node" --cpu-prof --cpu-prof-name "$version.cpuprofile" busy.js
done
kill "${spinners[@]}"
spinners=()
python3 - 22.23.3 24.21.0 <<'PY'
import json, sys
from collections import Counter

close = []
for version in sys.argv[1:]:
    profile = json.load(open(f"{version}.cpuprofile"))
    names = {node["id"]: node["callFrame"]["functionName"] for node in profile["nodes"]}
    steps = profile["timeDeltas"]
    close.append(sum(0 < step < 80 for step in steps))
    counts = Counter(names[id] for id in profile["samples"])
    both = counts["first"] + counts["second"]
    print(f"node {version}: {close[-1]} of {len(steps)} samples less than 80 us after another; "
          f"first {100 * counts['first'] / both:.0f} %, second {100 * counts['second'] / both:.0f} % (both ran equally long)")
sys.exit(0 if close[1] > 2 * close[0] + 20 else 1)
PY
