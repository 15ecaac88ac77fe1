#!/usr/bin/env bash
# change-point-analyzer finds every change three places too early, and with CUSUM each rise at the last value.
#
# The package looks for changes by Taylor's method: cumulative sums and a bootstrap. Its standard estimator (`MSE`)
# tries each split but for the first three and last three places, and forgets those three when it returns the best one.
# A series of nightly builds that became slower at build 33 changes at 30. Three builds are blamed that had nothing to
# do with it, or the right one is not among the suspects. The other estimator (`CUSUM`) takes the largest cumulative
# sum, where Taylor takes the one that is farthest from zero. When the values rise, the sum goes below zero, and its
# largest value is at an end: a rise is found at the last build, wherever it was. A fall is found in its place.
#
# Seen with change-point-analyzer 0.0.5, numpy 1.26.4 on Python 3.11. Exit code 0: still so. 1: it changed.
# Users meet it when they look for the build that made a service slower.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check change-point-analyzer==0.0.5 numpy==1.26.4 matplotlib==3.9.4
cat >changes.py <<'PY'
import sys
from importlib.metadata import version

import numpy
from change_point_analyzer.main import ChangePointAnalyzer, Estimator

print(f"change-point-analyzer {version('change-point-analyzer')}, numpy {numpy.__version__}, Python {sys.version.split()[0]}")

def found(series, estimator):
    numpy.random.seed(1)  # the bootstrap draws by chance
    return [int(place) for place, _ in ChangePointAnalyzer(series).detect_changepoints(estimator=estimator, recursive=False)]

def least_squares(series):
    splits = range(1, len(series))
    return min(splits, key=lambda at: series[:at].var() * at + series[at:].var() * (len(series) - at))

def farthest_sum(series):
    return int(numpy.abs(numpy.cumsum(series - series.mean())).argmax()) + 1  # the first value behind it

still = True
for at in (20, 33, 50, 67, 80):
    for name, before, after in (("rises", 10.0, 20.0), ("falls", 20.0, 10.0)):
        series = numpy.array([before] * at + [after] * (100 - at)) + 0.5 * numpy.sin(numpy.arange(100) * 7)
        mse, cusum = found(series, Estimator.MSE), found(series, Estimator.CUSUM)
        controls = least_squares(series), farthest_sum(series)
        print(f"the time {name} at {at}: MSE {mse}, CUSUM {cusum}; least squares {controls[0]}, farthest sum {controls[1]}")
        still &= controls == (at, at) and mse == [at - 3] and cusum == [99 if name == "rises" else at - 1]
sys.exit(0 if still else 1)
PY
venv/bin/python changes.py
