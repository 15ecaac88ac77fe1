#!/usr/bin/env bash
# .cpuprofile: beside what only parses the JSON, JSON.parse of node and json of
# python3.
#
#   tests/bench/cpuprofile.sh [--quick] [FILE...]
#
# FILE...   replaces the default ones: one of 100 MB, made by replicating the
#           samples of a real recording (../shared/data's server where it is at
#           hand), and TypeScript's compiler as record-perf.sh recorded it
# --quick   10 MB in place of 100 MB, everything once

source "$(dirname "$0")/common.sh"
arguments "$0" "$@"
source "$here/json.sh"

megabytes=100
[[ ! $quick ]] || megabytes=10
if [[ ${#given[@]} -gt 0 ]]; then
  for file in "${given[@]}"; do bench "$(basename "$file")" "$file"; done
else
  tsc=$(compiler_profile)
  seed=("$shared"/cpuprofile/spike-before/*.cpuprofile.zst)
  [[ -e ${seed[0]} ]] || seed=("$tsc")
  say "making one of $megabytes MB"
  unpack "${seed[0]}" "$work/seed.cpuprofile"
  "$node" "$here/enlarge.mjs" cpuprofile "$work/seed.cpuprofile" "$work/large.cpuprofile" $((megabytes * 1000000))
  bench 'replicated samples' "$work/large.cpuprofile"
  rm "$work/large.cpuprofile"
  bench 'tsc, as recorded' "$tsc"
fi

printf '\n### .cpuprofile\n'
print_table
[[ ! $failed ]] || die 'a file and standard input do not give the same output'
