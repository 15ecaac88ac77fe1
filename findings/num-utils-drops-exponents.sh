#!/usr/bin/env bash
# numaverage, numsum and numbound read a duration of 4.2e-05 seconds as 4.2 seconds.
#
# Debian's num-utils take "the average from all numbers on input", one a line. They know digits and a decimal point.
# What follows in the line is not read, so an exponent is lost without a message. Python, JavaScript and awk write small
# numbers with an exponent: Python's `print(0.000042)` is 4.2e-05, and Node's `0.00000042` is 4.2e-7. So the fastest
# calls become the slowest: two calls of 42 and 38 microseconds among eight of 0.2 ms have a mean of 0.8 s. The manual
# pages do not mention exponents. `datamash` and awk read the same lines as they are.
#
# Seen with num-utils 0.5 (Debian 0.5-15). Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they add up durations that a script printed, one a line.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
apt-get download -qq num-utils=0.5-15 2>/dev/null
dpkg -x num-utils_*.deb root
python3 - >plain.txt <<'PY'
for call in range(8):
    print(0.0002)
PY
{ cat plain.txt; python3 -c 'print(0.000042); print(0.000038)'; } >small.txt
grep e small.txt
echo "num-utils $(dpkg-deb -f num-utils_*.deb Version)"
true=$(awk '{ sum += $1 } END { print sum / NR }' small.txt)
for name in plain small; do
  for tool in numaverage numsum numbound; do
    declare "${name}_$tool=$(root/usr/bin/$tool "$name.txt")"
    result=${name}_$tool
    echo "$tool of $name.txt: ${!result}"
  done
done
echo "the mean of small.txt by awk: $true"
python3 - "$plain_numaverage" "$small_numaverage" "$small_numsum" "$small_numbound" "$true" <<'PY'
import sys
plain, mean, total, longest, true = map(float, sys.argv[1:])
wrong = abs(total - 8.0016) < 1e-6 and abs(mean - 0.80016) < 1e-6 and longest == 4.2
sys.exit(0 if abs(plain - 0.0002) < 1e-9 and abs(true - 0.000168) < 1e-9 and wrong else 1)
PY
