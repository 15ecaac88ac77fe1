#!/usr/bin/env bash
# A process of Node 24 is not called `node`, so what looks for that name finds nothing.
#
# Linux keeps a name for each thread, and that of the first one is the name of the process. Node 24 names its
# threads: `libuv-worker`, `V8Worker`, and `MainThread` for the first one. `pgrep -x node` and `ps -C node` then
# find no process, and `perf report --comms node` prints no row for a recording that holds nothing but the
# service; a flame graph of perf has `MainThread` as its root. With 22.12.0 all three find it. Here both versions
# run the same service, whose number is known, and use one second of CPU.
#
# Seen with Node 22.12.0 and 24.11.1 (npm's package `node`), perf 6.1 (linux-perf of Debian 12), procps 4.0.2.
# Exit code 0: still so. 1: it changed. Users meet it when they update Node, and a script that adds up the CPU
# time or the memory of all `node` processes shows 0. Needs a kernel that lets the user record
# (perf_event_paranoid of 2 or less).
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
perf=$(command -v perf || true)
if [[ -z $perf ]]; then
  apt-get download --quiet linux-perf
  dpkg -x linux-perf_*.deb .
  perf=$(find . -name 'perf*' -path '*bin*' -type f | head -1)
fi
cat >service.js <<'JS'
const { execFileSync } = require('node:child_process');
const list = (...command) => {
  try {
    return execFileSync(command[0], command.slice(1), { encoding: 'utf8' }).trim().split(/\s+/);
  } catch {
    return []; // Both programs end with 1 when they find nothing.
  }
};
const found = [list('pgrep', '-x', 'node'), list('ps', '-C', 'node', '-o', 'pid=')].map((pids) => pids.includes(String(process.pid)));
let sum = 0;
while (process.cpuUsage().user < 1e6) for (let at = 0; at < 20000; at++) sum += Math.sqrt(sum + at);
console.log(JSON.stringify({ version: process.versions.node, pgrep: found[0], ps: found[1] }));
JS
for version in 22.12.0 24.11.1; do
  mkdir "$version"
  (cd "$version" && npm init -y >/dev/null && npm install --silent --no-audit --no-fund "node@$version")
  "$perf" record --quiet -F 499 -e cpu-clock -o "$version.data" -- "$version/node_modules/node/bin/node" service.js >"$version.json"
  "$perf" report -i "$version.data" --stdio --sort comm >"$version.all" 2>/dev/null
  "$perf" report -i "$version.data" --stdio --sort comm --comms node >"$version.node" 2>/dev/null
done
python3 - <<'PY'
import json, re, sys
holds = True
for version, is_node in (("22.12.0", True), ("24.11.1", False)):
    said = json.load(open(f"{version}.json"))
    def rows(name):
        return dict((comm, float(share)) for share, comm in re.findall(r"^ +([\d.]+)% +(\S+)", open(name).read(), re.M))
    every = rows(f"{version}.all")
    first = max(every, key=every.get)
    shown = sum(rows(f"{version}.node").values())
    print(f"node {version}: pgrep {'finds it' if said['pgrep'] else 'nothing'}, ps -C {'finds it' if said['ps'] else 'nothing'}, "
          f"perf: {first} {every[first]} %, with --comms node {shown:.1f} %")
    holds = holds and said["pgrep"] == is_node and said["ps"] == is_node
    holds = holds and (first == "node") == is_node and (shown > 80 if is_node else shown < 20)
sys.exit(0 if holds else 1)
PY
