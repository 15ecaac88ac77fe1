#!/usr/bin/env bash
# perf: the text of `perf script` beside `inferno-collapse-perf`, and perf.data
# beside `perf script | inferno-collapse-perf`.
#
#   tests/bench/perf.sh [--quick] [FOLDER...]
#
# FOLDER...  each with perf.data or perf.txt or both, and its perf-PID.map
#            (default: what record-perf.sh records, kept in target/bench, and
#            the server of ../shared/data where it is at hand)
# --quick    a recording of 25 MB in place of 300 MB, everything once
# INFERNO    inferno-collapse-perf (default: installed into target/peer)

source "$(dirname "$0")/common.sh"
arguments "$0" "$@"
needs perf
# A second each: more of them, for a steady least.
[[ $quick ]] || runs=5

if [[ ! ${INFERNO-} ]]; then
  INFERNO=${CARGO_TARGET_DIR:-$root/target}/peer/bin/inferno-collapse-perf
  if [[ ! -x $INFERNO ]]; then
    say 'installing inferno'
    cargo install inferno --version 0.12.6 --locked --quiet --root "${INFERNO%/bin/*}"
  fi
fi
[[ -x $INFERNO ]] || die "no $INFERNO"

# `perf script` finds the maps of JIT code in /tmp only.
lent=()
lend_maps() { # FOLDER
  local map
  for map in "$1"/perf-*.map; do
    [[ -e $map && ! -e /tmp/${map##*/} ]] || continue
    cp "$map" /tmp
    lent+=("/tmp/${map##*/}")
  done
}
trap 'rm -rf "$work" "${lent[@]}"' EXIT

data_rows=()
text() { # NAME FILE
  local name=$1 file=$2 least same raw_cpu raw_wall raw_peak two_cpu two_wall two_peak
  local fold_cpu fold_wall fold_peak alone_cpu alone_wall alone_peak peer_cpu peer_wall peer_peak wc_cpu wc_wall wc_peak
  say "$name: $(mb "$(bytes_of "$file")") MB of text"
  cost wc "$runs" /dev/null /dev/null wc -l "$file"
  cost raw "$runs" /dev/null "$work/ours" "$binary" --quiet --threads 1 fold --raw-names "$file"
  cost two "$runs" /dev/null "$work/ours2" "$binary" --quiet fold --raw-names "$file"
  cost fold "$runs" /dev/null /dev/null "$binary" --quiet fold "$file"
  cost alone "$runs" /dev/null "$work/peers" "$INFERNO" -n 1 "$file"
  cost peer "$runs" /dev/null /dev/null "$INFERNO" "$file"
  same=yes
  cmp "$work/ours" "$work/peers" >&2 && cmp "$work/ours2" "$work/peers" >&2 || same=NO failed=1
  # Beside the peer at its best.
  least=$(math 'a < b ? a : b' %s "$alone_cpu" "$peer_cpu")
  rows+=("| $name | $(mb "$(bytes_of "$file")") | $(cell "$wc_cpu" "$wc_wall") | $(cell "$raw_cpu" "$raw_wall") | $(cell "$two_cpu" "$two_wall") | $(cell "$fold_cpu" "$fold_wall") | $(cell "$alone_cpu" "$alone_wall") | $(cell "$peer_cpu" "$peer_wall") | $(math 'a / b' %.1f "$least" "$raw_cpu") / $(math 'a / b' %.1f "$least" "$two_cpu") / $(math 'a / b' %.1f "$least" "$fold_cpu") | $(mb "$raw_peak") / $(mb "$two_peak") / $(mb "$fold_peak") / $(mb "$alone_peak") / $(mb "$peer_peak") | $same |")
  # The aims are for large ones: below, milliseconds of starting decide.
  if (($(bytes_of "$file") > 100000000)) && [[ $(math 'a < 3 * b' %d "$least" "$raw_cpu") -eq 1 ]]; then
    notes+=("$name, text: less than 3 times under the CPU time of inferno-collapse-perf")
  fi
}

binary_data() { # NAME FOLDER
  local name=$1 file=$2/perf.data least agree=- one_cpu one_wall one_peak all_cpu all_wall all_peak
  local script_cpu script_wall script_peak alone_cpu alone_wall alone_peak peer_cpu peer_wall peer_peak
  say "$name: perf.data of $(mb "$(bytes_of "$file")") MB"
  lend_maps "$2"
  cost one "$runs" /dev/null "$work/data" "$binary" --quiet --threads 1 fold "$file"
  cost all "$runs" /dev/null /dev/null "$binary" --quiet fold "$file"
  cost script "$runs" /dev/null "$work/script" perf script -i "$file"
  cost alone "$runs" /dev/null /dev/null bash -c 'set -o pipefail; perf script -i "$1" | "$2" -n 1' - "$file" "$INFERNO"
  cost peer "$runs" /dev/null /dev/null bash -c 'set -o pipefail; perf script -i "$1" | "$2"' - "$file" "$INFERNO"
  "$binary" --quiet fold "$work/script" >"$work/text"
  agree=$(python3 "$here/overlap.py" "$work/data" "$work/text")
  least=$(math 'a < b ? a : b' %s "$alone_cpu" "$peer_cpu")
  data_rows+=("| $name | $(mb "$(bytes_of "$file")") | $(cell "$one_cpu" "$one_wall") | $(cell "$all_cpu" "$all_wall") | $(cell "$script_cpu" "$script_wall") | $(cell "$alone_cpu" "$alone_wall") | $(cell "$peer_cpu" "$peer_wall") | $(math 'a / b' %.1f "$least" "$one_cpu") / $(math 'a / b' %.1f "$least" "$all_cpu") | $(mb "$one_peak") / $(mb "$all_peak") / $(mb "$script_peak") / $(mb "$alone_peak") | $agree |")
  if (($(bytes_of "$file") > 10000000)) && [[ $(math 'a < 8 * b' %d "$least" "$one_cpu") -eq 1 ]]; then
    notes+=("$name, perf.data: less than 8 times under the CPU time of perf script | inferno-collapse-perf")
  fi
  rm -f "$work/data" "$work/script" "$work/text"
}

bench() { # NAME FOLDER
  local file=$2/perf.txt
  if [[ ! -e $file && -e $2/perf-script.txt.zst ]]; then
    file=$work/perf.txt
    unpack "$2/perf-script.txt.zst" "$file"
  fi
  [[ ! -e $file ]] || text "$1" "$file"
  [[ ! -e $2/perf.data ]] || binary_data "$1" "$2"
  rm -f "$work/ours" "$work/ours2" "$work/peers" "$work/perf.txt"
}

if [[ ${#given[@]} -gt 0 ]]; then
  for folder in "${given[@]}"; do bench "$(basename "$folder")" "$folder"; done
else
  large=$data/perf${quick:+-quick}
  if [[ ! -e $large/perf.data ]]; then
    say "recording into $large"
    NODE=$node "$here/record-perf.sh" "$large" ${quick:+--quick}
  fi
  bench 'tsc and terser' "$large"
  if [[ -d $shared/perf/spike-before ]]; then
    # The maps are packed there.
    mkdir "$work/spike"
    cp "$shared"/perf/spike-before/{perf.data,perf-script.txt.zst} "$work/spike"
    for map in "$shared"/perf/spike-before/perf-*.map.zst; do
      unpack "$map" "$work/spike/$(basename "${map%.zst}")"
    done
    bench 'NestJS server' "$work/spike"
  fi
fi

printf '\n### perf\n'
heading '' ", inferno 0.12, $(perf --version | sed 's/ version//')"
cat <<TABLE
The text of \`perf script\`:

| recording | MB | \`wc -l\` | \`fold --raw-names\`, 1 thread | \`fold --raw-names\` | \`fold\` | \`inferno-collapse-perf -n 1\` | \`inferno-collapse-perf\` | inferno's CPU (the lesser) ÷ ours, 1 thread / raw / treated | peak MB: 1 thread / raw / treated / inferno -n 1 / inferno | same output |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|
$(printf '%s\n' "${rows[@]}")

\`perf.data\`; the peers are \`perf script | inferno-collapse-perf\`, both counted:

| recording | MB | \`fold perf.data\`, 1 thread | \`fold perf.data\` | \`perf script\` alone | with inferno \`-n 1\` | with inferno | peers' CPU (the lesser) ÷ ours, 1 thread / all | peak MB: 1 thread / all / perf script / the larger of it and inferno | samples with the same stack as in the text |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|
$(printf '%s\n' "${data_rows[@]}")

TABLE
aims 'at least 3 times less CPU than inferno-collapse-perf, 8 times less than perf script | inferno-collapse-perf'
[[ ! $failed ]] || die 'not the same output as inferno-collapse-perf'
