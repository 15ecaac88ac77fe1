#!/usr/bin/env bash
# Peak memory of `spikeflame plateau` for k6's JSON of 100 MB, 1 GB and 10 GB, which comes
# through a pipe: it must not grow with the input.
#
#   tests/bench/memory.sh [--quick] [MB...]
#
# MB...     other sizes, in millions of bytes (default: 100 1000 10000)
# --quick   10 and 100 MB only
#
# The test is samples/load/k6.json.gz with each of its points many times: as long as the sample, with
# more requests a second. A longer test needs more memory: a record of each second stays. Nothing is
# written to a disk. 10 GB take some minutes.

source "$(dirname "$0")/common.sh"
arguments "$0" "$@"
needs gzip mkfifo
sizes=(100 1000 10000)
[[ ! $quick ]] || sizes=(10 100)
[[ ${#given[@]} -eq 0 ]] || sizes=("${given[@]}")

unpack "$root/samples/load/k6.json.gz" "$work/seed.json"
mkfifo "$work/pipe"
printf '| k6 JSON | CPU | peak memory |\n|--:|--:|--:|\n'
first=''
for size in "${sizes[@]}"; do
  times=$((size * 1000000 / $(stat -c %s "$work/seed.json")))
  # A line is doubled as often as it fits, and then added one by one.
  awk -v times="$times" '/"type":"Point"/ {
    one = all = $0 "\n"
    for (n = 1; 2 * n <= times; n *= 2) all = all all
    printf "%s", all
    for (; n < times; n++) printf "%s", one
    next
  } { print }' "$work/seed.json" >"$work/pipe" &
  cost one 1 "$work/pipe" "$work/out.json" "$binary" --quiet plateau --format json -
  wait
  echo "| $size MB | $(math a %.1f "$one_cpu") s | $(math 'a / 1e6' %.1f "$one_peak") MB |"
  first=${first:-$one_peak}
done
growth=$(math '(a - b) / 1e6' %.0f "$one_peak" "$first")
echo
echo "From the first to the last: $growth MB more."
