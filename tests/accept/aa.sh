#!/usr/bin/env bash
# Records the sample application anew and compares runs of the same build (A/A), and the planted
# change, in turn and separated. During the separated side another program uses the CPU.
#
#   tests/accept/aa.sh [DIR]     default: target/aa; a run that is there is not recorded again
#
# RUNS sets the runs a side [5], SECONDS_EACH the length of each load test [10], NODE the
# program [node], PORT the port on 127.0.0.1 [3979]. SPIKEFLAME_BIN names the binary [default:
# cargo builds it]. Prints a Markdown table. Exits with 1 when a comparison of the same build
# flags a row in turn, or more than one row apart, or when the planted change is not found.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cd "$root"
dir=${1:-target/aa} runs=${RUNS:-5} seconds=${SECONDS_EACH:-10} node=${NODE:-node}
export PORT=${PORT:-3979}
spikeflame=${SPIKEFLAME_BIN-}
if [[ ! $spikeflame ]]; then
  cargo build --quiet
  spikeflame=${CARGO_TARGET_DIR:-$root/target}/debug/spikeflame
fi
mkdir -p "$dir/logs"

record() { # NAME SIDE
  [[ -e $dir/$1/run.json ]] && return
  "$spikeflame" record -q -o "$dir/$1" --load "$node samples/app/load.js \$RUN/load.csv $seconds 8" \
    -- "$node" "samples/app/$2/server.js" >"$dir/logs/$1.txt" 2>&1 || { cat "$dir/logs/$1.txt"; exit 2; }
}

# The first run warms the machine up and is not compared.
record warm-up before
for ((n = 1; n <= runs; n++)); do
  record "first-$n" before
  record "second-$n" before
done
for ((n = 1; n <= runs; n++)); do
  record "turn-before-$n" before
  record "turn-after-$n" after
done
# Another load, which ends by itself should this script be killed.
busy=()
for _ in 1 2; do
  timeout $((runs * 2 * (seconds + 20))) sh -c 'while :; do :; done' &
  busy+=($!)
done
trap 'kill "${busy[@]}" 2>/dev/null || true' EXIT
for ((n = 1; n <= runs; n++)); do record "busy-before-$n" before; done
for ((n = 1; n <= runs; n++)); do record "busy-after-$n" after; done
kill "${busy[@]}" 2>/dev/null || true

failed=0
# Compares two groups of runs. "none" must flag nothing, NAME must be flagged.
compare() { # TITLE BEFORE AFTER none|NAME
  local window
  for window in load all; do
    "$spikeflame" diff -q --before "$dir/$2-*" --after "$dir/$3-*" --window "$window" --format json -n 0 \
      >"$dir/logs/compared.json"
    "$node" "$here/aa.mjs" "$dir/logs/compared.json" "$1" "$window" "$4" || failed=1
  done
}
echo "| runs | window | order | CPU per request | functions | flagged | causes | the planted change |"
echo "|---|---|---|--:|--:|--:|--:|---|"
compare "A/A in turn" first second none
compare "A/A, another load after" first busy-before none
compare "A/A, another load before" busy-before second none
compare "A/A, one after the other" first turn-before none
compare "A/A after, another load after" turn-after busy-after none
compare "planted, in turn" turn-before turn-after findProduct
compare "planted, another load after" turn-before busy-after findProduct
compare "planted, another load before" busy-before turn-after findProduct
rm -f "$dir/logs/compared.json"
exit $failed
