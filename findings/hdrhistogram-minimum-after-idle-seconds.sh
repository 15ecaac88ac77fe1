#!/usr/bin/env bash
# hdrhistogram's shortest duration is 0 after a histogram without any value was added.
#
# The README has histograms of several processes or seconds that are added up with `add` or `decode_and_add`. A second
# in which no request ended is a histogram without values, whose own minimum is 0. The sum takes the smaller one of both
# minima, without a look at the count, and its minimum is 0 from then on. `max`, the mean and all percentiles are right,
# so that the percentile 0 of the same object is above its minimum. A sum that is encoded and decoded has the right
# minimum again. hdr-histogram-js, the port for JavaScript, keeps the minimum.
#
# Seen with hdrhistogram 0.10.8 (PyPI, Python 3.11) and hdr-histogram-js 3.0.1 (Node 20). Exit code 0: still so.
# 1: it changed.
# Users meet it when they add up the seconds of a load test, or its workers, and one of them had no answer.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check hdrhistogram==0.10.8
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --prefer-offline --ignore-scripts hdr-histogram-js@3.0.1
cat >add.js <<'JS'
const { build } = require('hdr-histogram-js');
const second = (values) => {
  const histogram = build({ lowestDiscernibleValue: 1, highestTrackableValue: 60000, numberOfSignificantValueDigits: 3 });
  for (const value of values) histogram.recordValue(value);
  return histogram;
};
const sum = second([20, 30, 40]);
sum.add(second([]));
console.log(sum.minNonZeroValue);
JS
javascript=$(node add.js)
echo "hdr-histogram-js $(node -p "require('hdr-histogram-js/package.json').version"): shortest $javascript ms"
cat >add.py <<'PY'
import importlib.metadata
import sys
from hdrh.histogram import HdrHistogram

def second(values):
    histogram = HdrHistogram(1, 60000, 3)
    for value in values:
        histogram.record_value(value)
    return histogram

print(f"hdrhistogram {importlib.metadata.version('hdrhistogram')}")
sums = {}
for name, other in (("a second with values", [25, 35]), ("an idle second", [])):
    for way in ("add", "decode_and_add"):
        sum_ = second([20, 30, 40])
        if way == "add":
            sum_.add(second(other))
        else:
            sum_.decode_and_add(second(other).encode())
        again = HdrHistogram.decode(sum_.encode())
        sums[name, way] = sum_.get_min_value(), sum_.get_value_at_percentile(0), again.get_min_value(), sum_.get_max_value()
        print(f"after {name} by {way}: shortest {sums[name, way][0]}, percentile 0 {sums[name, way][1]}, decoded again {sums[name, way][2]}, longest {sums[name, way][3]}")
idle = [row for (name, _), row in sums.items() if name == "an idle second"]
busy = [row for (name, _), row in sums.items() if name != "an idle second"]
sys.exit(0 if sys.argv[1] == "20" and idle == [(0, 20, 20, 40)] * 2 and busy == [(20, 20, 20, 40)] * 2 else 1)
PY
venv/bin/python add.py "$javascript"
