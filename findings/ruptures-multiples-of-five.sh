#!/usr/bin/env bash
# ruptures finds two changes, at 30 and 35, in a series that changes once, at 33.
#
# Pelt "computes the segmentation which minimizes" the error. By default it looks at each fifth index alone
# (`jump=5`), so a change at 33 cannot be found. A segment of five values bridges it: a rise at 30 and
# another one at 35, where nothing happened at either. In a list of nightly benchmarks, two wrong builds are
# blamed, and the right one is not. Dynp and Binseg report 35. The series has no noise at all. With
# `jump=1` all of them report 33, and so does KernelCPD. The reference has the argument as "subsample (one
# every jump points)".
#
# Seen with ruptures 1.1.10. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they look for the build that made a service slower.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile ruptures==1.1.10
cat >changes.py <<'PY'
import sys
from importlib.metadata import version
import numpy
import ruptures

# The p50 of 100 nightly builds, in milliseconds: the 34th build made the service slower.
series = numpy.array([10.0] * 33 + [20.0] * 67)

def changes(jump):
    options = {"model": "l2", **({} if jump is None else {"jump": jump})}
    found = {"Pelt": ruptures.Pelt(**options).fit(series).predict(pen=3)}
    found["Dynp"] = ruptures.Dynp(**options).fit(series).predict(n_bkps=1)
    found["Binseg"] = ruptures.Binseg(**options).fit(series).predict(n_bkps=1)
    return {name: [int(index) for index in indices[:-1]] for name, indices in found.items()}

default, every = changes(None), changes(1)
kernel = [int(index) for index in ruptures.KernelCPD(kernel="linear").fit(series).predict(n_bkps=1)[:-1]]
print(f"ruptures {version('ruptures')}; the series changes at 33")
print(f"by default: {default}")
print(f"jump=1: {every}; KernelCPD: {kernel}")
expected = {"Pelt": [30, 35], "Dynp": [35], "Binseg": [35]}
sys.exit(0 if default == expected and set(map(tuple, every.values())) == {(33,)} and kernel == [33] else 1)
PY
venv/bin/python changes.py
