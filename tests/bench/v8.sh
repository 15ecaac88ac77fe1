#!/usr/bin/env bash
# V8 tick logs: beside `wc -l` and `node --prof-process`.
#
#   tests/bench/v8.sh [--quick] [LOG...]
#
# Logs: one of about 400 MB, made by replicating the real ticks of
# samples/spike/before-1, then the real spike logs of ../shared/data where they
# are at hand, else those of samples/. LOG... replaces the real ones.
#
# --quick           50 MB in place of 400 MB, two real logs, everything once

source "$(dirname "$0")/common.sh"
arguments "$0" "$@"
megabytes=400
[[ ! $quick ]] || megabytes=50

shopt -s nullglob
spikes=("$shared"/spike/*/isolate-v8.log.zst)
samples=("$root"/samples/spike/*/isolate-v8.log.zst)
seed=$root/samples/spike/before-1/isolate-v8.log.zst
[[ -e $seed ]] || die "no $seed to replicate"
real=("${given[@]}")
[[ ${#real[@]} -gt 0 ]] || real=("${spikes[@]}")
[[ ${#real[@]} -gt 0 ]] || real=("${samples[@]}")
[[ $quick && ${#given[@]} -eq 0 ]] && real=("${real[@]:0:2}")

bench() { # NAME LOG
  local name=$1 log=$2 bytes ticks node_runs=$runs row
  local wc_cpu wc_wall one_cpu one_wall one_peak two_cpu two_wall two_peak
  local in_cpu in_wall in_peak flame_cpu flame_wall flame_peak node_cpu node_wall peak limit same
  bytes=$(wc -c <"$log")
  ticks=$(LC_ALL=C grep -ac '^tick,' "$log")
  say "$name: $(mb "$bytes") MB, $ticks ticks"
  cost wc "$runs" /dev/null "$work/wc" wc -l "$log"
  say '  fold, flame'
  cost one "$runs" /dev/null "$work/one" "$binary" fold --threads 1 "$log"
  cost two "$runs" /dev/null "$work/two" "$binary" fold --threads 2 "$log"
  cost in "$runs" "$log" "$work/stdin" "$binary" fold -
  cost flame "$runs" /dev/null /dev/null "$binary" flame "$log" -o "$work/flame.svg"
  same=yes
  cmp "$work/one" "$work/two" >&2 || same=NO
  cmp "$work/one" "$work/stdin" >&2 || same=NO
  [[ $same == yes ]] || failed=1
  # Minutes for the large one: once will do.
  ((bytes < 100000000)) || node_runs=1
  say "  node --prof-process, $node_runs time(s)"
  cost node "$node_runs" /dev/null /dev/null bash -c 'cd "$1" && exec "$2" --prof-process "$3"' - "$work" "$node" "$log"
  peak=$(printf '%s\n' "$one_peak" "$two_peak" "$in_peak" "$flame_peak" | sort -n | tail -1)
  limit=$((64 * 1000000 + 16 * ticks))
  row="| $name | $(mb "$bytes") | $ticks | $(cell "$wc_cpu" "$wc_wall" %.3f)"
  row+=" | $(cell "$one_cpu" "$one_wall") | $(cell "$two_cpu" "$two_wall") | $(cell "$in_cpu" "$in_wall")"
  row+=" | $(cell "$flame_cpu" "$flame_wall") | $(cell "$node_cpu" "$node_wall")"
  row+=" | $(math 'a / b' '%.0f' "$node_cpu" "$one_cpu") / $(math 'a / b' '%.0f' "$node_cpu" "$flame_cpu")"
  row+=" | $(mb "$one_peak") / $(mb "$two_peak") / $(mb "$in_peak") / $(mb "$flame_peak") | $(mb "$limit") | $same |"
  rows+=("$row")
  if [[ $(math 'a < 30 * b' '%d' "$node_cpu" "$one_cpu") -eq 1 ]]; then
    notes+=("$name: less than 30 times under the CPU time of node --prof-process")
  fi
  if ((bytes < 25000000)) && [[ $(math 'a > 0.3' '%d' "$flame_cpu") -eq 1 ]]; then
    notes+=("$name: more than 0.3 s of CPU for flame")
  fi
  if ((peak > limit)); then notes+=("$name: peak memory over 64 MB + 16 bytes a tick"); fi
}

large=$work/replicated.log
say "making a log of $megabytes MB"
unpack "$seed" "$work/seed.log"
"$node" "$here/replicate.mjs" "$work/seed.log" "$large" $((megabytes * 1000000))
rm "$work/seed.log"
bench 'replicated ticks' "$large"
rm "$large"
for path in "${real[@]}"; do
  name=$(basename "$path")
  [[ $name == isolate-v8.log* ]] && name=$(basename "$(dirname "$path")")
  name=${name%.zst}
  name=${name%.gz}
  unpack "$path" "$work/real.log"
  bench "$name" "$work/real.log"
done

printf '\n### V8 tick logs\n'
heading '; node once above 100 MB'
cat <<TABLE
| log | MB | ticks | \`wc -l\` | \`fold\`, 1 thread | \`fold\`, 2 threads | \`fold -\` | \`flame\` | \`node --prof-process\` | node's CPU ÷ \`fold\` 1 thread / ÷ \`flame\` | peak MB: 1 thread / 2 threads / stdin / flame | limit MB | same output |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|
$(printf '%s\n' "${rows[@]}")

TABLE
aims 'at least 30 times less CPU than node --prof-process, flame of a real log in 0.3 s of CPU, peak within 64 MB + 16 bytes a tick'
[[ ! $failed ]] || die 'one thread, two threads and standard input do not give the same output'
