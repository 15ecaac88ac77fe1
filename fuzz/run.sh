#!/usr/bin/env bash
# Runs the fuzz targets, one on each core at a time, each for an equal part of the
# time. Goes on after a finding; ends with what each did, and fails if one found
# something.
#
#   fuzz/run.sh [SECONDS] [TARGET...]      default 3600 in all, and all of them
#
# cargo-fuzz passes flags that rustc keeps for nightly. RUSTC_BOOTSTRAP=1 lets the
# stable compiler take them, so that what is tested is what is released.
# FUZZ_SANITIZER=none builds without AddressSanitizer, where that does not work.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=${1:-3600}
[[ $# -eq 0 ]] || shift
[[ $seconds =~ ^[0-9]+$ ]] || { echo 'fuzz: expected a number of seconds' >&2; exit 2; }
command -v cargo-fuzz >/dev/null ||
  { echo 'fuzz: no cargo-fuzz: cargo install cargo-fuzz --locked' >&2; exit 2; }
export RUSTC_BOOTSTRAP=1
sanitizer=${FUZZ_SANITIZER:-address}
targets=("$@")
[[ $# -gt 0 ]] || mapfile -t targets < <(cargo fuzz list)
part=$((seconds / ${#targets[@]}))
((part > 0)) || part=1

build=(cargo fuzz build --sanitizer "$sanitizer")
if [[ $# -eq 1 ]]; then build+=("$1"); fi
"${build[@]}"
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

# An input of 10 s is a finding, and so is one that takes 1 GiB.
run() { # TARGET
  mkdir -p "fuzz/corpus/$1"
  local status=0 folders=("fuzz/corpus/$1")
  # The readers of a group, such as `load_k6_csv`, begin with the seeds of the group.
  case $1 in
    load_* | monitor_* | queries_*) folders+=("fuzz/corpus/${1%%_*}") ;;
  esac
  cargo fuzz run --sanitizer "$sanitizer" "$1" "${folders[@]}" -- -max_total_time="$part" -timeout=10 \
    -rss_limit_mb=1024 -print_final_stats=1 >"$logs/$1" 2>&1 || status=$?
  echo "$status" >"$logs/$1.status"
}

printf '\n%d s each: %s\n' "$part" "${targets[*]}"
cores=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
for target in "${targets[@]}"; do
  while (($(jobs -rp | wc -l) >= cores)); do wait -n || true; done
  run "$target" &
done
wait

found=0
for target in "${targets[@]}"; do
  log=$logs/$target
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  memory=$(sed -n 's/^stat::peak_rss_mb: *//p' "$log")
  seconds=$(sed -n 's/^Done [0-9]* runs in \([0-9]*\) second.*/\1/p' "$log")
  reached=$(grep -ao 'cov: [0-9]*' "$log" | tail -1 || true)
  verdict='no finding'
  if [[ $(<"$log.status") -ne 0 ]]; then
    verdict="FINDING: see fuzz/artifacts/$target" found=1
    printf '\n=== %s\n' "$target"
    grep -aE -A3 'panicked at|ERROR: |^SUMMARY|Test unit written' "$log" | head -30 || tail -30 "$log"
  fi
  printf '%-20s %5s s %10s runs  %5s MiB  %-12s %s\n' "$target" "${seconds:-?}" "${runs:-?}" "${memory:-?}" "${reached:-}" "$verdict"
done
exit "$found"
