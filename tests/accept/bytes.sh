#!/usr/bin/env bash
# Runs each command in 20 processes and compares the bytes that they write. Output is a function of
# input: no order of a randomly seeded map, no clock, no number of threads.
#
#   tests/accept/bytes.sh     PROCESSES sets their number [20]; SPIKEFLAME_BIN names the binary
#                             [default: cargo builds it]
#
# Prints a line for each command. Exits with 1 when two processes wrote different bytes.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root/samples"
spikeflame=${SPIKEFLAME_BIN-}
if [[ ! $spikeflame ]]; then
  (cd "$root" && cargo build --quiet)
  spikeflame=${CARGO_TARGET_DIR:-$root/target}/debug/spikeflame
fi
processes=${PROCESSES:-20} failed=0

same() { # COMMAND...
  local sums
  sums=$(for ((at = 0; at < processes; at++)); do
    "$spikeflame" --quiet --threads $((at % 3)) "$@" | sha256sum
  done | sort | uniq -c)
  if [[ $(wc -l <<<"$sums") == 1 ]]; then
    echo "same bytes in $processes processes: spikeflame $*"
  else
    echo "OTHER BYTES: spikeflame $*"
    failed=1
  fi
}

same diff --before spike/before-1 spike/before-2 --after spike/after-1 spike/after-2 --format json
same diff --before spike/before-1 --after spike/after-1 --window plateau --group-by package -n 0
same diff --before v8/mix-node20.log.zst --after v8/mix-node24.log.zst --inlined collapse --format json
same top spike/before-1 --format json
same top v8/mix-node24.log.zst --group-by package --format json
same plateau spike/before-1 --format json
same fold spike/after-1
same flame spike/after-1 -o -
same report spike/before-1 -o -
same errors errors/nest-7.log --format json
exit $failed
