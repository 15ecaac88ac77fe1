#!/usr/bin/env bash
# Records one program four ways with several Node versions, for compare.py:
# `node --prof`, perf, `node --cpu-prof`, and a pprof library from npm.
#
#   tests/compare/record.sh [--runs N] [--fresh] [OUTDIR] [VERSIONS...]
#
# OUTDIR    default target/compare        VERSIONS  default 20 22 24
# --runs N  each way N times (default 1): compare.py then sees how runs differ
# --fresh   record again what is there already
# ROUNDS    how long the program runs (default 2000, some 16 s)
# SPIKEFLAME_NODES   where Node versions are kept (default target/nodes)
#
# Writes OUTDIR/node<NN>/<run>/: v8.log, perf.data with its perf-PID.map,
# perf.txt (what `perf script` says of it), node.cpuprofile, pprof.pb.gz, and
# beside each a .clock.json: the processor time of each kernel in that run.
# perf needs root or kernel.perf_event_paranoid of 1 or less.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
runs=1 fresh=''
while [[ ${1-} == --* ]]; do
  case $1 in
    --runs) runs=${2:?--runs N}; shift ;;
    --fresh) fresh=1 ;;
    *) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"; exit 2 ;;
  esac
  shift
done
out=${1:-$root/target/compare}
[[ $# -gt 0 ]] && shift
versions=("$@")
[[ $# -gt 0 ]] || versions=(20 22 24)
nodes=${SPIKEFLAME_NODES:-$root/target/nodes}
program=$here/program/main.js
mkdir -p "$out" "$nodes"
out=$(cd "$out" && pwd) nodes=$(cd "$nodes" && pwd)

say() { echo "compare: $*" >&2; }
command -v perf >/dev/null || { say 'needs perf (Debian: linux-perf)'; exit 1; }

npm_install() { # DIR PACKAGE
  mkdir -p "$1"
  # A package.json of its own keeps npm from climbing to another project.
  [[ -e $1/package.json ]] || echo '{"private":true}' >"$1/package.json"
  npm install --prefix "$1" --no-audit --no-fund --loglevel=error "$2" >&2
}

node_of() { # VERSION -> path of its binary, installed on first use
  local bin=$nodes/n$1/node_modules/node/bin/node
  [[ -x $bin ]] || { say "installing node $1"; npm_install "$nodes/n$1" "node@$1"; }
  "$bin" -e 0 || { say "node $1 does not run"; return 1; }
  echo "$bin"
}

# A release with prebuilt binaries for all of these versions.
library=$out/pprof-library
[[ -d $library/node_modules/@datadog/pprof ]] || npm_install "$library" @datadog/pprof@5.20.0

# Each way: leaves its recording in the working directory, under its last name
# only when it is whole.
by_nothing() { "$1" "$program" && touch plain; }
by_prof() { "$1" --prof --logfile=v8.part --no-logfile-per-isolate "$program" && mv v8.part v8.log; }
by_perf() {
  local pid map
  rm -f perf-*.map
  perf record -q -F 999 -g -e cpu-clock -k CLOCK_MONOTONIC -o perf.part \
    "$1" --perf-basic-prof --interpreted-frames-native-stack "$program"
  # The only map that the run can have left.
  pid=$(perf script -i perf.part -F pid 2>/dev/null | sort | uniq -c | sort -rn | awk 'NR == 1 { print $2 }')
  map=/tmp/perf-$pid.map
  perf script -i perf.part >perf.txt
  cp "$map" .
  rm "$map"
  # Node 20 opens a tick log too, without ticks.
  rm -f isolate-*-v8.log
  mv perf.part perf.data
}
by_cpu_prof() {
  "$1" --cpu-prof --cpu-prof-interval 1000 --cpu-prof-name node.part "$program" && mv node.part node.cpuprofile
}
by_pprof() {
  PPROF_HOME=$library PPROF_OUT=pprof.part "$1" --require "$here/program/pprof.js" "$program" &&
    mv pprof.part pprof.pb.gz
}

record() { # WAY RESULT NODE DIR
  [[ $fresh || ! -e $4/$2 ]] || return 0
  say "$(basename "$(dirname "$4")")/$(basename "$4")/$2"
  (cd "$4" && rm -f "$2" ./*.part && CLOCK_OUT=$2.clock.json "$1" "$3")
}

# Run by run and not way by way: a busy hour of the machine touches all alike.
for ((run = 1; run <= runs; run++)); do
  for version in "${versions[@]}"; do
    node=$(node_of "$version")
    dir=$out/node$version/$run
    mkdir -p "$dir"
    "$node" --version >"$dir/version"
    record by_nothing plain "$node" "$dir"
    record by_prof v8.log "$node" "$dir"
    record by_perf perf.data "$node" "$dir"
    record by_cpu_prof node.cpuprofile "$node" "$dir"
    record by_pprof pprof.pb.gz "$node" "$dir"
  done
done
say "in $out"
