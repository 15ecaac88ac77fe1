#!/usr/bin/env bash
# Peak memory of `spikeflame plateau` for k6's JSON of 100 MB, 1 GB and 10 GB, which comes
# through a pipe: it must not grow with the input.
#
#   tests/bench/memory.sh [--quick] [MB...]
#
# MB...     other sizes, in millions of bytes (default: 100 1000 10000)
# --quick   10 and 100 MB only
#
# The test is samples/load/k6.json.gz over and over, each time later than before. Nothing is
# written to a disk. 10 GB take some minutes.

source "$(dirname "$0")/common.sh"
arguments "$0" "$@"
needs gzip mkfifo
sizes=(100 1000 10000)
[[ ! $quick ]] || sizes=(10 100)
[[ ${#given[@]} -eq 0 ]] || sizes=("${given[@]}")

unpack "$root/samples/load/k6.json.gz" "$work/seed.json"
mkfifo "$work/pipe"
printf '| k6 JSON | CPU | peak memory | for each second of the test |\n|--:|--:|--:|--:|\n'
first=''
for size in "${sizes[@]}"; do
  python3 "$here/replicate_load.py" "$work/seed.json" "$work/pipe" $((size * 1000000)) &
  cost one 1 "$work/pipe" "$work/out.json" "$binary" --quiet plateau --format json -
  wait
  # A plateau may be found or not; the last second of the test is in the answer.
  seconds=$(python3 -c 'import json, sys
found = json.load(open(sys.argv[1]))
print((found["after"] or found["within"])["end_s"] if found["found"] else 0)' "$work/out.json")
  each=-
  [[ $seconds == 0 ]] || each="$(math 'a / b' %.0f "$one_peak" "$seconds") B"
  echo "| $size MB | $(math a %.1f "$one_cpu") s | $(math 'a / 1e6' %.1f "$one_peak") MB | $each |"
  first=${first:-$one_peak}
done
# What stays is a record of each second.
growth=$(math '(a - b) / 1e6' %.0f "$one_peak" "$first")
echo
echo "From the first to the last: $growth MB more."
