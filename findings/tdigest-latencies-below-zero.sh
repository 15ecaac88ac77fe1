#!/usr/bin/env bash
# PyPI's tdigest has latencies below zero where the shortest one is 10 ms.
#
# The package joins equal values to one centroid, and draws a line from each centroid to the next,
# with a slope from its two neighbours. Latencies in whole milliseconds are equal very often. With 90 answers of
# 10 ms and 10 of 100 ms there are two centroids: the 10th percentile is -53 ms, the median 19 ms and the
# 80th percentile 73 ms, where all three are 10 ms. `min()` and `max()` of the digest are right, and so are
# the percentiles of 1,000 different values. A digest of the t-digest paper stops at the smallest value.
#
# Seen with tdigest 0.5.2.2 on Python 3.11. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they merge the latencies of several load generators in a script.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check tdigest==0.5.2.2
cat >compare.py <<'PY'
import sys
from importlib.metadata import version

from tdigest import TDigest

latencies = [10] * 90 + [100] * 10
digest = TDigest()
digest.batch_update(latencies)
print(f"tdigest {version('tdigest')}, Python {sys.version.split()[0]}; 90 answers of 10 ms and 10 of 100 ms")
found = {}
for percent in (5, 10, 50, 80, 95):
    exact = sorted(latencies)[len(latencies) * percent // 100 - 1]
    found[percent] = digest.percentile(percent)
    print(f"p{percent}: exact {exact} ms, tdigest {found[percent]:.1f} ms")
different = TDigest()
different.batch_update(range(1, 1001))
spread = [different.percentile(percent) for percent in (10, 50, 99)]
print(f"the values 1 to 1,000: p10, p50, p99 {spread}")
still = found[10] < 0 and found[50] > 15 and found[80] > 50 and found[95] == 100
near = all(abs(value - exact) < 5 for value, exact in zip(spread, (100, 500, 990)))
sys.exit(0 if still and near else 1)
PY
venv/bin/python compare.py
