#!/usr/bin/env bash
# The hit counts of a .cpuprofile are not the numbers of its samples.
#
# Each node of a .cpuprofile has a `hitCount`, and the file lists the node of each sample. With
# Node 22.12.0 (npm's `node`), counting the samples of a node gives other numbers than its hitCount:
# `(program)` had 64 hits and 1 sample of about 1,500. The model of Chrome's DevTools
# (@paulirish/trace_engine 0.0.65) multiplies hitCount with the interval for its tables, while
# speedscope and flame charts go by the samples. So users see two shares for one function in one file.
#
# Needs npm. Exits with 1 when hit counts and samples are the same.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --no-save --no-audit --no-fund --silent node@22.12.0
node=$folder/node_modules/node/bin/node
"$node" --version
cat >busy.js <<'JS'
function hash(text) { let sum = 0; for (const c of text) sum = (sum * 31 + c.charCodeAt(0)) | 0; return sum; }
function json(n) { return JSON.stringify(JSON.parse(JSON.stringify({ n, list: new Array(50).fill(String(n)) }))); }
function sort(n) { return Array.from({ length: 300 }, (_, i) => (i * 7919 * n) % 1000).sort((a, b) => a - b); }
let kept = 0;
for (const end = Date.now() + 3000; Date.now() < end;) kept += hash(json(kept & 255)) + sort(kept & 15).length;
console.log(kept !== 0);
JS
"$node" --cpu-prof --cpu-prof-name out.cpuprofile busy.js
python3 - <<'PY'
import json, sys
from collections import Counter

profile = json.load(open("out.cpuprofile"))
samples = Counter(profile["samples"])
different = 0
for node in profile["nodes"]:
    here, hits = samples[node["id"]], node.get("hitCount", 0)
    different += abs(here - hits)
    if here != hits:
        print(f"{node['callFrame']['functionName'] or '(anonymous)'}: {hits} hits, {here} samples")
total = sum(node.get("hitCount", 0) for node in profile["nodes"])
print(f"{total} hits, {len(profile['samples'])} samples, {different} of them counted differently")
sys.exit(0 if different else 1)
PY
