#!/usr/bin/env bash
# Measures Spikeflame beside `wc -l` and `node --prof-process`, and prints a
# Markdown table: the CPU seconds, the wall seconds, the peak memory.
#
#   tests/bench/bench.sh [--quick] [LOG...]
#
# Logs: one of about 400 MB, made by replicating the real ticks of
# samples/spike/before-1, then the real spike logs of ../shared/data where they
# are at hand, else those of samples/. LOG... replaces the real ones.
#
# --quick           50 MB in place of 400 MB, two real logs, everything once
# NODE              the node that runs --prof-process (default: node)
# SPIKEFLAME_BIN    measure this binary; nothing is built
# TMPDIR            needs room for the logs, about 600 MB
#
# Nothing fails for being slow: it is a benchmark, not a test. It fails when
# one thread, two threads and standard input do not give the same output.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
megabytes=400 runs=3 quick=''
while [[ ${1-} == --* ]]; do
  case $1 in
    --quick) quick=1 megabytes=50 runs=1 ;;
    *) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"; exit 2 ;;
  esac
  shift
done
given=("$@")
node=${NODE:-node}

say() { echo "bench: $*" >&2; }
die() { say "$*"; exit 1; }

for tool in "$node" python3 cmp; do
  command -v "$tool" >/dev/null || die "needs $tool"
done

work=$(mktemp -d "${TMPDIR:-/tmp}/spikeflame-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT

# Spikeflame reads .zst as it is; the others do not.
unpack() { # FROM TO
  case $1 in
    *.zst)
      if command -v zstd >/dev/null; then
        zstd -dcq "$1" >"$2"
      elif "$node" -e 'process.exit(require("zlib").zstdDecompressSync ? 0 : 1)'; then
        "$node" -e 'const fs = require("fs"), [from, to] = process.argv.slice(1);
          fs.writeFileSync(to, require("zlib").zstdDecompressSync(fs.readFileSync(from)));' "$1" "$2"
      else
        die "cannot unpack $1: install the zstd tool, or run with NODE=a node of 22.15 or later"
      fi ;;
    *.gz) gzip -dc "$1" >"$2" ;;
    *) cp "$1" "$2" ;;
  esac
}

if [[ ${SPIKEFLAME_BIN-} ]]; then
  binary=$SPIKEFLAME_BIN
else
  (cd "$root" && cargo build --release --quiet)
  binary=${CARGO_TARGET_DIR:-$root/target}/release/spikeflame
fi
[[ -x $binary ]] || die "$binary is not there"

shopt -s nullglob
shared=("$root"/../shared/data/spike/*/isolate-v8.log.zst)
samples=("$root"/samples/spike/*/isolate-v8.log.zst)
seed=$root/samples/spike/before-1/isolate-v8.log.zst
[[ -e $seed ]] || die "no $seed to replicate"
real=("${given[@]}")
[[ ${#real[@]} -gt 0 ]] || real=("${shared[@]}")
[[ ${#real[@]} -gt 0 ]] || real=("${samples[@]}")
[[ $quick && ${#given[@]} -eq 0 ]] && real=("${real[@]:0:2}")

measure() { # RUNS STDIN STDOUT COMMAND... -> cpu wall peak
  python3 "$here/measure.py" "$1" "$2" "$3" -- "${@:4}"
}

math() { # EXPRESSION FORMAT A B: the expression speaks of a and b
  awk -v a="$3" -v b="${4-0}" "BEGIN { printf \"$2\", ($1) }"
}

cell() { math a "${3-%.2f}" "$1"; printf ' / '; math a "${3-%.2f}" "$2"; }
mb() { math 'a / 1e6' '%.0f' "$1"; }

failed=''
rows=() notes=()
bench() { # NAME LOG
  local name=$1 log=$2 bytes ticks node_runs=$runs row
  local wc_cpu wc_wall one_cpu one_wall one_peak two_cpu two_wall two_peak
  local in_cpu in_wall in_peak flame_cpu flame_wall flame_peak node_cpu node_wall peak limit same
  bytes=$(wc -c <"$log")
  ticks=$(LC_ALL=C grep -ac '^tick,' "$log")
  say "$name: $(mb "$bytes") MB, $ticks ticks"
  read -r wc_cpu wc_wall _ < <(measure "$runs" /dev/null "$work/wc" wc -l "$log")
  say '  fold, flame'
  # `< <()` loses exit codes; a figure that is not there stops us instead.
  read -r one_cpu one_wall one_peak < <(measure "$runs" /dev/null "$work/one" "$binary" fold --threads 1 "$log")
  read -r two_cpu two_wall two_peak < <(measure "$runs" /dev/null "$work/two" "$binary" fold --threads 2 "$log")
  read -r in_cpu in_wall in_peak < <(measure "$runs" "$log" "$work/stdin" "$binary" fold -)
  read -r flame_cpu flame_wall flame_peak < <(measure "$runs" /dev/null /dev/null "$binary" flame "$log" -o "$work/flame.svg")
  same=yes
  cmp "$work/one" "$work/two" >&2 || same=NO
  cmp "$work/one" "$work/stdin" >&2 || same=NO
  [[ $same == yes ]] || failed=1
  # Minutes for the large one: once will do.
  ((bytes < 100000000)) || node_runs=1
  say "  node --prof-process, $node_runs time(s)"
  read -r node_cpu node_wall _ < <(cd "$work" && measure "$node_runs" /dev/null /dev/null "$node" --prof-process "$log")
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

cat <<TABLE

CPU seconds (user + system) / wall seconds, best of $runs; node once above 100 MB. MB are millions of bytes.
$(uname -sm), $(getconf _NPROCESSORS_ONLN) cores; $("$binary" --version), node $("$node" --version).

| log | MB | ticks | \`wc -l\` | \`fold\`, 1 thread | \`fold\`, 2 threads | \`fold -\` | \`flame\` | \`node --prof-process\` | node's CPU ÷ \`fold\` 1 thread / ÷ \`flame\` | peak MB: 1 thread / 2 threads / stdin / flame | limit MB | same output |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|
$(printf '%s\n' "${rows[@]}")

TABLE
if [[ ${#notes[@]} -eq 0 ]]; then
  echo 'Aims met: at least 30 times less CPU than node --prof-process, flame of a real log in 0.3 s of CPU, peak within 64 MB + 16 bytes a tick.'
else
  echo 'Aims missed:'
  printf -- '- %s\n' "${notes[@]}"
fi
[[ ! $failed ]] || die 'one thread, two threads and standard input do not give the same output'
