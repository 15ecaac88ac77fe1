#!/usr/bin/env bash
# crick's share of the requests that took at most 10 ms is 0, where nine in ten took exactly 10 ms.
#
# The reference of `TDigest.cdf(x)` has it as the estimated fraction of all points that are "<= x". The code returns 0 as soon
# as x is not above the smallest value. With continuous durations one request of thousands is lost by it. Clocks of whole
# milliseconds, and most logs, repeat the smallest value: here 900 of 1,000 answers took 10 ms, so the share within a limit of
# 10 ms is 0 %, and within 10.001 ms it is 89 %. When all answers took 10 ms, the share is 100 %. The
# quantiles of the digest are right: its median is 10.0.
#
# Seen with crick 0.0.8 on Python 3.11. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they ask a digest of latencies for the share of requests within a time limit.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile crick==0.0.8 numpy==2.4.6
cat >share.py <<'PY'
import sys
from importlib.metadata import version
from crick import TDigest

print(f"crick {version('crick')}, Python {sys.version.split()[0]}")

def shares(title, values, limits):
    digest = TDigest()
    digest.update([float(value) for value in values])
    found = {}
    for limit in limits:
        found[limit] = float(digest.cdf(limit)), sum(value <= limit for value in values) / len(values)
        print(f"{title}: within {limit} ms {found[limit][0]:.3f} by crick, {found[limit][1]:.3f} counted")
    return found, float(digest.quantile(0.5))

mixed, median = shares("900 of 10 ms, 90 of 11 ms, 10 of 100 ms", [10] * 900 + [11] * 90 + [100] * 10, [9.9, 10, 10.001, 11, 100])
equal, _ = shares("1,000 of 10 ms", [10] * 1000, [9.9, 10])
print(f"the median of the first: {median} ms")
right = all(abs(mixed[limit][0] - mixed[limit][1]) < 0.01 for limit in (9.9, 10.001, 11, 100)) and equal[10][0] == 1 and median == 10
sys.exit(0 if right and mixed[10] == (0.0, 0.9) else 1)
PY
venv/bin/python share.py
