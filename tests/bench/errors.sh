#!/usr/bin/env bash
# errors: logs of a NestJS application, beside `grep -c Error` and `rg -c Error` (ripgrep,
# where it is there).
#
#   tests/bench/errors.sh [--quick]
#
# --quick    100 MB and 200 MB in place of 200 MB and 1 GB, everything once
#
# The logs are samples/errors over and over, coloured as NestJS writes them: "spike" is the
# log of an application that fails all the time, "calm" has one burst of errors in twenty
# thousand lines.

source "$(dirname "$0")/common.sh"
arguments "$0" "$@"

python3 - "$root/samples/errors" "$work" <<'PY'
import sys

samples, work = sys.argv[1:]
names = ["queue", "pool", "closed", "too-many", "timeout", "refused"]
logs = [open(f"{samples}/{name}.log", "rb").read() for name in names]
quiet = [line for log in logs for line in log.splitlines(True) if b"LOG" in line]
open(f"{work}/spike", "wb").write(b"".join(logs))
open(f"{work}/calm", "wb").write(b"".join(quiet * (20_000 // len(quiet))) + logs[0])
PY

repeat() { # FROM TO BYTES
  python3 -c '
import sys
block, size = open(sys.argv[1], "rb").read(), int(sys.argv[3])
with open(sys.argv[2], "wb") as out:
    for _ in range(-(-size // len(block))):
        out.write(block)
' "$@"
}

sizes=(200 1000)
[[ ! $quick ]] || sizes=(100 200)
for kind in spike calm; do
  peaks=()
  for size in "${sizes[@]}"; do
    log=$work/log
    repeat "$work/$kind" "$log" "$((size * 1000000))"
    say "$kind: $size MB"
    cost ours "$runs" /dev/null "$work/ours" "$binary" errors "$log" --format json
    cost grep "$runs" /dev/null "$work/grep" grep -c Error "$log"
    rg='-'
    if command -v rg >/dev/null; then
      cost rg "$runs" /dev/null "$work/rg" rg -c Error "$log"
      rg=$(cell "$rg_cpu" "$rg_wall")
    fi
    counted=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["count"])' "$work/ours")
    speed=$(math 'a / 1e6 / b' %.0f "$(bytes_of "$log")" "$ours_cpu")
    rows+=("| $kind, $size MB | $counted | $(cell "$ours_cpu" "$ours_wall") | $(cell "$grep_cpu" "$grep_wall") | $rg | $speed | $(math 'a / 1e6' %.1f "$ours_peak") |")
    peaks+=("$ours_peak")
    [[ $speed -ge 300 ]] || notes+=("$kind, $size MB: $speed MB a second of CPU")
  done
  if [[ $(math 'b > a + 8e6' %d "${peaks[0]}" "${peaks[1]}") -eq 1 ]]; then
    notes+=("$kind: memory grows with the file")
  fi
done

printf '\n### Errors of a log\n'
heading
cat <<TABLE
| log | errors | Spikeflame | \`grep -c Error\` | \`rg -c Error\` | Spikeflame, MB a CPU second | peak MB |
|---|--:|--:|--:|--:|--:|--:|
$(printf '%s\n' "${rows[@]}")

TABLE
aims '300 MB a second of CPU; memory that does not grow with the file'
