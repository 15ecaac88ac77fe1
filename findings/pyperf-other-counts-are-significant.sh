#!/usr/bin/env bash
# pyperf calls every difference significant when one build has a timing more than the other.
#
# `pyperf compare_to` hides benchmarks whose timings do not differ by more than chance (a t-test at 95 %). Its t-test is
# written for lists of one length, and raises an error for others. The caller takes each error of the test as a sign of
# significance: 20 timings beside 20 of the same noise are hidden, and 20 beside 21 are "1.00x slower". Below stands
# that an error came up in the test, not which. A run that was interrupted, or a timing that was dropped by hand, makes such counts.
#
# Seen with pyperf 2.11.0 on Python 3.11. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they compare the timings of a benchmark of two builds, of which one ran once more.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pyperf==2.11.0
cat >made.py <<'PYTHON'
import pyperf

# Latencies of 50 ms with noise of up to 5 ms. The noise of both builds is the same, in another order.
noise = [((at * 37) % 41 - 20) * 0.25e-3 for at in range(41)]

def build(name, values):
    runs = [pyperf.Run([value], metadata={"name": "request"}, collect_metadata=False) for value in values]
    pyperf.Benchmark(runs).dump(name, replace=True)

build("before.json", [0.050 + one for one in noise[:20]])
build("after-20.json", [0.0501 + one for one in noise[5:25]])
build("after-21.json", [0.0501 + one for one in noise[5:25]] + [0.0501])
PYTHON
env/bin/python made.py
env/bin/python -c "import pyperf; print(f'pyperf {pyperf.__version__}')"
for count in 20 21; do
  echo "20 timings before, $count after:"
  env/bin/python -m pyperf compare_to before.json "after-$count.json" | tee "$count.txt"
done
grep -q 'not significant' 20.txt && ! grep -q 'not significant' 21.txt && grep -q 'slower' 21.txt
