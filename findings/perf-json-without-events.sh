#!/usr/bin/env bash
# `perf data convert --to-json` leaves out the event of a sample and the number that it stands for.
#
# A recording of several events (`-e cpu-clock,page-faults`) has samples of each, and with a frequency,
# perf's default, every sample stands for another number of events, its period. `perf report` and `perf
# script` have both. The JSON has neither, for no sample and nowhere else in the file: samples of time and
# of page faults stand in one list and cannot be separated again, and one that stands for a single fault
# looks like one that stands for a thousand. Here `memory` takes most of the page faults and a
# quarter of the time. A tool that counts the JSON's samples finds a share that is neither.
#
# Seen with perf 6.1 (linux-perf of Debian 12), Node 20. Exit code 0: still so. 1: it changed.
# Users meet it when a script reads JSON in place of perf.data or of perf's text.
# Needs a kernel that lets the user record (perf_event_paranoid of 2 or less).
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
cat >program.js <<'JS'
function memory() {
  const kept = [];
  for (let at = 0; at < 60; at++) kept.push(Buffer.alloc(8 << 20, 1));
  return kept;
}
function compute(until) {
  let sum = 0;
  while (Date.now() < until) sum += Math.sqrt(sum + 1);
  return sum;
}
memory();
compute(Date.now() + 1500);
JS
"$perf" record --quiet -F 499 -e cpu-clock,page-faults -g -o perf.data -- node --perf-basic-prof program.js >/dev/null
"$perf" script -i perf.data -F comm,tid,time,event,period,ip,sym >perf.txt 2>/dev/null
"$perf" data convert --to-json perf.json -i perf.data 2>/dev/null
"$perf" --version
cat >read.py <<'PY'
import collections
import json
import re
import sys

samples = collections.defaultdict(list)
for block in open("perf.txt").read().strip().split("\n\n"):
    head, _, frames = block.partition("\n")
    period, event = re.search(r"(\d+) +([\w-]+):[^:]*$", head).groups()
    samples[event].append((int(period), " JS:" in frames and "memory" in frames))
shares = {}
for event, seen in samples.items():
    periods = [period for period, _ in seen]
    shares[event] = 100 * sum(period for period, inside in seen if inside) / sum(periods)
    print(f"perf script, {event}: {len(seen)} samples, periods {min(periods)} to {max(periods)}, memory {shares[event]:.0f} %")
text = open("perf.json").read()
parsed = json.loads(text)
inside = [any("JS:" in frame.get("symbol", "") and "memory" in frame["symbol"] for frame in one["callchain"]) for one in parsed["samples"]]
keys = sorted({key for one in parsed["samples"] for key in one})
share = 100 * sum(inside) / len(inside)
print(f"JSON: {len(inside)} samples with {', '.join(keys)}; memory {share:.0f} % of them")
faults = [period for period, _ in samples["page-faults"]]
holds = len(inside) == sum(len(seen) for seen in samples.values()) and not {"event", "period", "id"} & set(keys)
holds &= '"events"' not in text and max(faults) > 20 * min(faults) and shares["page-faults"] > shares["cpu-clock"] + 20
sys.exit(0 if holds else 1)
PY
python3 read.py
