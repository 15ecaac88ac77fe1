#!/usr/bin/env bash
# A function that calls something deep is in no sample of a CPU profile: V8 keeps the innermost 255 frames.
#
# V8's profiler keeps at most 255 frames of a stack, and perf 127 by default (`kernel.perf_event_max_stack`). Both keep the
# inner ones and drop the outer ones. Nothing marks such a stack: it looks as if its outermost function that
# is left had been called by nobody. Here `deep` works for 1 s below a recursion of 300 levels, and `shallow` for
# 0.5 s below one of 50. In the .cpuprofile, and in perf's report, `shallow` has its third of the time, and
# `deep` does not exist. Two thirds of the time stand beside the program instead of below it.
#
# Seen with Node 20.20.2 and 24.21.0, perf 6.1.187 (linux-perf of Debian 12). Exit code 0: still so. 1: it
# changed. Users meet it with walks over trees and lists, parsers, nested schemas and chains of
# middlewares: the route that costs most has no time. Needs perf_event_paranoid of 2 or less.
set -euo pipefail
scratch=$(mktemp -d)
touch "$scratch/pids"
trap 'sed "s|.*|/tmp/perf-&.map|" "$scratch/pids" | xargs rm -f; rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund node@24.21.0
perf=$(command -v perf || true)
if [[ -z $perf ]]; then
  apt-get download --quiet linux-perf
  dpkg -x linux-perf_*.deb .
  perf=$(find . -name 'perf*' -path '*bin*' -type f | head -1)
fi
cat >program.js <<'JS'
require('node:fs').appendFileSync('pids', `${process.pid}\n`);
function work(ms) {
  let sum = 0;
  for (const end = process.cpuUsage().user + ms * 1000; process.cpuUsage().user < end;) {
    for (let at = 0; at < 20_000; at++) sum += Math.sqrt(sum + at);
  }
  return sum;
}
const walk = (depth, ms) => (depth > 0 ? 1 + walk(depth - 1, ms) : work(ms));
function shallow(ms) { return walk(50, ms); }
function deep(ms) { return walk(300, ms); }
for (let turn = 0; turn < 10; turn++) {
  shallow(50);
  deep(100);
}
JS
cat >read.py <<'PY'
import json
import pathlib
import re
import subprocess
import sys

perf, folder = sys.argv[1:]
names = ["work", "shallow", "deep"]
profile = json.loads(next(pathlib.Path(folder).glob("*.cpuprofile")).read_text())
nodes = {node["id"]: node for node in profile["nodes"]}
caller = {child: node["id"] for node in profile["nodes"] for child in node.get("children", [])}
v8, lengths = dict.fromkeys(names, 0), []
for sample in profile["samples"]:
    frames, node = [], sample
    while node in caller:
        frames.append(nodes[node]["callFrame"]["functionName"])
        node = caller[node]
    lengths.append(len(frames))
    for name in names:
        v8[name] += name in frames
text = subprocess.run([perf, "script", "-i", f"{folder}/perf.data", "-F", "ip,sym"], check=True, capture_output=True, text=True).stdout
stacks = [stack for stack in text.split("\n\n") if stack.strip()]
by_perf = {name: sum(bool(re.search(rf"JS:\W?{name} ", stack)) for stack in stacks) for name in names}
longest = max(len(stack.strip().splitlines()) for stack in stacks)
holds = True
for title, counts, frames in (("V8's profiler", v8, max(lengths)), ("perf", by_perf, longest)):
    share = {name: 100 * count / counts["work"] for name, count in counts.items()}
    print(f"  {title}: of the time of work, shallow {share['shallow']:.0f} %, deep {share['deep']:.0f} %; longest stack {frames} frames")
    holds &= 20 < share["shallow"] < 50 and share["deep"] < 2
sys.exit(0 if holds else 1)
PY
"$perf" --version
status=0
for node in "$(command -v node)" node_modules/node/bin/node; do
  folder=$("$node" --version)
  echo "node $folder"
  mkdir -p "$folder"
  "$node" --cpu-prof --cpu-prof-dir="$folder" program.js
  "$perf" record --quiet -F 499 -e cpu-clock -g -o "$folder/perf.data" -- \
    "$node" --perf-basic-prof --interpreted-frames-native-stack program.js >/dev/null
  python3 read.py "$perf" "$folder" || status=1
done
exit $status
