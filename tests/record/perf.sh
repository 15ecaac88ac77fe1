#!/usr/bin/env bash
# Records samples/perf anew: perf.data of real Node versions, what names their
# compiled code, and the text that `perf script` of the same machine makes of
# each. Needs root (or perf_event_paranoid <= 1), perf, zstd, and Node versions
# as record.sh keeps them.
#
#   tests/record/perf.sh [OUTDIR]                 default samples/perf
#   SPIKEFLAME_NODES   where Node versions are kept (default target/nodes)
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
out=${1:-$root/samples/perf}
nodes=${SPIKEFLAME_NODES:-$root/target/nodes}
mkdir -p "$out"
out=$(cd "$out" && pwd)
# A short path, since it stands in every frame.
work=/tmp/record
rm -rf "$work"
mkdir "$work"
trap 'rm -rf "$work"' EXIT
cp "$here/programs/perf.js" "$here/programs/moved.js" "$work/"
cd "$work"

node_of() { echo "$nodes/n$1/node_modules/node/bin/node"; }
basic=(--perf-basic-prof --interpreted-frames-native-stack)
record=(perf record -q -F 499 -g -k CLOCK_MONOTONIC)

strip() { # NAME FILE: a map or a dump, as far as samples hit it
  perf script -F ip -i "$1.data" 2>/dev/null | "$(node_of 22)" "$here/perf-strip.mjs" "$2" |
    zstd -19 -q -f -o "$out/$(basename "$2").zst"
  rm "$2"
}

keep() { # NAME: the recording, its text, and its perf maps
  local name=$1 pid
  perf script -i "$name.data" 2>/dev/null | zstd -19 -q -f -o "$out/$name.perf-script.txt.zst"
  for pid in $(perf script -F pid -i "$name.data" 2>/dev/null | tr -d ' ' | sort -u); do
    [[ ! -e /tmp/perf-$pid.map ]] || strip "$name" "/tmp/perf-$pid.map"
  done
  zstd -19 -q -f "$name.data" -o "$out/$name.data.zst"
}

rm -f "$out"/*.zst
# One process, one event.
"${record[@]}" -e cpu-clock -o plain.data -- "$(node_of 22)" "${basic[@]}" perf.js
keep plain
# Packed records; a process that forks another.
"${record[@]}" -z -e cpu-clock -o packed.data -- "$(node_of 24)" "${basic[@]}" perf.js child
keep packed
# A pipe; two events.
"${record[@]}" -e cpu-clock,page-faults -o - -- "$(node_of 20)" "${basic[@]}" perf.js >pipe.data
keep pipe
# Code with times; the text is of perf's own way to name it (perf inject).
"${record[@]}" -e cpu-clock -o jitdump.data -- "$(node_of 22)" --perf-prof --interpreted-frames-native-stack perf.js
perf inject --jit -i jitdump.data -o jitted.data
perf script -i jitted.data 2>/dev/null | zstd -19 -q -f -o "$out/jitdump.perf-script.txt.zst"
strip jitdump jit-*.dump
zstd -19 -q -f jitdump.data -o "$out/jitdump.data.zst"
# Code that takes the place of other code, with map and dump; user code only.
"${record[@]}" -e cpu-clock:u -o moved.data -- "$(node_of 22)" "${basic[@]}" --perf-prof --expose-gc moved.js
dump=$(echo jit-*.dump)
strip moved "$dump"
strip moved "/tmp/perf-${dump//[!0-9]/}.map"
zstd -19 -q -f moved.data -o "$out/moved.data.zst"
chmod 644 "$out"/*
du -sh "$out"
