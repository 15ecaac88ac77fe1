#!/usr/bin/env bash
# ministat's interval "at 95.0% confidence" for a change in percent holds the true change in two of three cases.
#
# ministat compares two lists of measurements by Student's t test. It prints the difference of the means, and below it
# the same in percent, each with +/-. For the percentage it divides the difference and its error by the mean of the
# first list, as if that mean were known. It is as uncertain as the other one, and the more the larger the change is.
# Here 400 pairs of lists come from normal distributions with means of 100 and 300 and a deviation of 10, so the truth
# is +200 and +200 %. The difference is within its interval in 95 % of the pairs, and the percentage in about 65 %. The
# manual page explains no difference between the two lines.
#
# Seen with ministat 20150715 (Debian 20150715-1+b1) and Python 3.11. Exit code 0: still so. 1: it changed.
# Users meet it when they print how much slower a build became, and with which certainty.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
apt-get download -qq ministat 2>/dev/null
dpkg -x ministat_*.deb root
echo "ministat $(dpkg-deb -f ministat_*.deb Version)"
cat >cover.py <<'PY'
import random
import re
import subprocess
import sys

PAIRS = 400
draw = random.Random(7)
held = {"difference": 0, "percentage": 0}
for _ in range(PAIRS):
    for name, mean in (("before", 100), ("after", 300)):
        with open(name, "w") as file:
            file.writelines(f"{draw.gauss(mean, 10):.6f}\n" for _ in range(10))
    text = subprocess.run(["root/usr/bin/ministat", "-A", "before", "after"], check=True, capture_output=True, text=True).stdout
    found = re.search(r"Difference at 95.0% confidence\n\s*(\S+) \+/- (\S+)\n\s*(\S+)% \+/- (\S+)%", text)
    difference, error, percentage, percent_error = map(float, found.groups())
    held["difference"] += abs(difference - 200) <= error
    held["percentage"] += abs(percentage - 200) <= percent_error
print(text.strip())
shares = {name: count / PAIRS for name, count in held.items()}
for name, share in shares.items():
    print(f"the true {name} is within its interval in {100 * share:.1f} % of {PAIRS} pairs")
sys.exit(0 if 0.92 < shares["difference"] < 0.98 and 0.55 < shares["percentage"] < 0.75 else 1)
PY
python3 cover.py
