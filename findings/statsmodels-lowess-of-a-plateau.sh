#!/usr/bin/env bash
# statsmodels' lowess draws the plateau of a load test at the latency of one single request.
#
# lowess fits a line to the nearest rows of each point; by default these are two thirds of all rows. Most load tests ramp up
# and then hold a number of users, so more than two thirds of the rows have the same number. The nearest rows
# are then all at distance 0, and the weights are divided by the largest distance. The fit fails, statsmodels takes the
# latency of the row itself instead, and gives it to all other rows of that number. The plateau here has 600 requests of 40 ms and
# 600 of 80 ms, in turn. Its fit is 40 ms, without any smoothing. For `xvals=[20]` the result is NaN. numpy's "invalid
# value encountered in divide" is the only sign. The ramp is right, and so is the plateau with `frac=0.95`: 60 ms.
#
# Seen with statsmodels 0.15.0, numpy 2.4.6 on Python 3.11. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they draw latency by users or by rate: one request decides how high the end of the curve is.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check statsmodels==0.15.0 numpy==2.4.6 scipy==1.17.1 pandas==3.1.1
cat >plateau.py <<'PY'
import sys
from importlib.metadata import version
import numpy
from statsmodels.nonparametric.smoothers_lowess import lowess

# One to nineteen users with 20 requests each, then 20 users with 1,200 requests.
users = numpy.concatenate([numpy.repeat(numpy.arange(1.0, 20.0), 20), numpy.full(1200, 20.0)])
latencies = 20 + 2 * users + numpy.tile([-20.0, 20.0], users.size // 2)

def fit(**options):
    curve = lowess(latencies, users, return_sorted=False, **options)
    return {count: [float(value) for value in numpy.unique(curve[users == count].round(1))] for count in (5, 10, 15, 20)}

print(f"statsmodels {version('statsmodels')}, numpy {numpy.__version__}, Python {sys.version.split()[0]}")
means = {count: float(latencies[users == count].mean()) for count in (5, 10, 15, 20)}
default, plain, wide = fit(), fit(it=0), fit(frac=0.95, it=0)
print(f"mean of the requests: {means}\nlowess: {default}\nit=0: {plain}\nfrac=0.95, it=0: {wide}")
at = lowess(latencies, users, xvals=[10.0, 20.0])
print(f"lowess at 10 and 20 users (xvals): {at}")
near = lambda values, mean: len(values) == 1 and abs(values[0] - mean) < 2
single = all(curve[20] in ([40.0], [80.0]) for curve in (default, plain))
ramp = all(near(curve[count], means[count]) for curve in (plain, wide) for count in (5, 10, 15))
sys.exit(0 if single and ramp and near(wide[20], 60) and numpy.isnan(at[1]) else 1)
PY
venv/bin/python plateau.py
