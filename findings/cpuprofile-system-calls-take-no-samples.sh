#!/usr/bin/env bash
# A system call has one sample in a .cpuprofile, however long it works or waits.
#
# V8 takes a sample in a signal, which Linux delivers when a system call ends. A program that mostly reads
# a large file into memory, each time with one `read`, used 96 % of its processor time in these calls, and `read` had
# 28 % of its samples (Node 20.20.2) and 5 % (Node 24.21.0). perf shows the time.
#
# Needs npm and Linux, and 600 MB of memory. Exits with 1 when the share of the samples is half of that of the time.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
truncate -s 500M zeros
cat >reads.js <<'JS'
const fs = require("node:fs");
const used = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
const buffer = Buffer.alloc(500 << 20, 1);
function work(end) { let sum = 0; while (performance.now() < end) for (let i = 0; i < 5000; i++) sum += i % 7; return sum; }
function load() { const file = fs.openSync("zeros"); fs.readSync(file, buffer, 0, buffer.length, 0); fs.closeSync(file); }
load();
let all = -used(), reading = 0;
for (let round = 0; round < 20; round++) {
  work(performance.now() + 10);
  const before = used();
  load();
  reading += used() - before;
}
all += used();
require("node:fs").writeFileSync("cpu.json", JSON.stringify(100 * reading / all));
JS
worst=0
for version in 20.20.2 24.21.0; do
  npm install --prefix "$version" --no-audit --no-fund --silent "node@$version"
  "$version/node_modules/node/bin/node" --cpu-prof --cpu-prof-name "$version.cpuprofile" reads.js
  python3 - "$version" <<'PY' || worst=1
import json, sys

profile = json.load(open(f"{sys.argv[1]}.cpuprofile"))
names = {node["id"]: node["callFrame"]["functionName"] for node in profile["nodes"]}
run = [names[id] for id in profile["samples"] if names[id] in ("work", "read", "load")]
share = 100 * run.count("read") / len(run)
cpu = json.load(open("cpu.json"))
print(f"node {sys.argv[1]}: {cpu:.0f} % of the processor time in the reads, {share:.0f} % of the samples in `read`")
sys.exit(share * 2 > cpu)
PY
done
exit $worst
