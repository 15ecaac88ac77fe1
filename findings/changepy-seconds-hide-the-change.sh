#!/usr/bin/env bash
# changepy finds a service that became half slower in milliseconds, and not in seconds or in microseconds.
#
# The package has PELT and cost functions for it. `normal_mean` looks for changes of the mean, given the variance. A series
# that goes from 10 to 15 with a deviation of 1 changes at 50; the same series with another unit, and its variance in that
# unit, has no change. The cost should be the sum of the squares minus the squared sum by the length, divided by the
# variance. The package adds the values themselves in place of their squares, divides the squared sum and this sum alike by
# the length, and all by the square of the variance. What is compared with the penalty depends on the unit then. In
# milliseconds too, a step of 30 with a deviation of 10 is not found, three deviations. PELT of the package with the
# right cost finds each of them.
#
# Seen with changepy 0.4.0, numpy 1.26.4 on Python 3.11. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they look for the build that made a service slower.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check changepy==0.4.0 numpy==1.26.4
cat >changes.py <<'PY'
import sys
from importlib.metadata import version

import numpy
from changepy import pelt
from changepy.costs import normal_mean

print(f"changepy {version('changepy')}, numpy {numpy.__version__}, Python {sys.version.split()[0]}")

def right_cost(data, variance):
    sums = numpy.concatenate([[0], numpy.cumsum(data)])
    squares = numpy.concatenate([[0], numpy.cumsum(data**2)])
    return lambda start, end: (squares[end] - squares[start] - (sums[end] - sums[start]) ** 2 / (end - start)) / variance

def places(cost):
    return [int(place) for place in pelt(cost, 100)][1:]  # the first one is the start

waves = numpy.sin(numpy.arange(100) * 7) * 2**0.5  # noise with a variance of 1
rows = []
for mean, deviation, step in ((10, 1, 5), (100, 10, 30), (100, 10, 100)):
    milliseconds = mean + deviation * waves
    milliseconds[50:] += step
    for unit, factor in (("s", 1e-3), ("ms", 1.0), ("µs", 1e3)):
        data, variance = milliseconds * factor, (deviation * factor) ** 2
        seen, right = places(normal_mean(data, variance)), places(right_cost(data, variance))
        rows.append((seen, right))
        print(f"{mean} to {mean + step} ms, deviation {deviation} ms, in {unit}: changes at {seen}, with the right cost at {right}")
found = [[50] == seen for seen, _ in rows]
still = found == [False, True, False] + [False, False, False] + [False, True, False] and all(seen in ([], [50]) for seen, _ in rows)
sys.exit(0 if still and all(right == [50] for _, right in rows) else 1)
PY
venv/bin/python changes.py
