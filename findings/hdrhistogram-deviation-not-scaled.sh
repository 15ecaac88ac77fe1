#!/usr/bin/env bash
# The table of PyPI's hdrhistogram has a standard deviation a thousand times too large beside its mean.
#
# `output_percentile_distribution(file, 1000.0)` writes the table that HdrHistogram's plotter reads, with all values
# divided by the given ratio: microseconds become milliseconds. The percentiles, `Mean` and `Max` are divided.
# `StdDeviation`, which stands beside the mean, is not. Latencies from 1 to 1,000 us have a mean of 0.5 ms and a
# deviation of 288.7. A script that takes the two numbers of the line finds a service that jitters by 600 times its mean.
# With a ratio of 1 the number is right. hdr-histogram-js writes 0.289 into the same line.
#
# Seen with hdrhistogram 0.10.8 (PyPI) and hdr-histogram-js 3.0.1 (npm). Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they write the latencies of a load generator as a table in milliseconds.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check hdrhistogram==0.10.8
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts hdr-histogram-js@3.0.1
cat >table.py <<'PY'
import io
from hdrh.histogram import HdrHistogram

histogram = HdrHistogram(1, 3600000000, 3)
for microseconds in range(1, 1001):
    histogram.record_value(microseconds)
for ratio in (1.0, 1000.0):
    table = io.BytesIO()
    histogram.output_percentile_distribution(table, ratio)
    print(next(line for line in table.getvalue().decode().splitlines() if "Mean" in line))
PY
venv/bin/python table.py >python.txt
cat >table.js <<'JS'
const { readFileSync } = require('node:fs');
const { build } = require('hdr-histogram-js');
const values = Array.from({ length: 1000 }, (_, at) => at + 1);
const mean = values.reduce((sum, value) => sum + value) / 1000;
const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 1000);
const histogram = build();
for (const value of values) histogram.recordValue(value);
const line = histogram.outputPercentileDistribution(5, 1000).split('\n').find((text) => text.includes('Mean'));
const python = readFileSync('python.txt', 'utf8').trim().split('\n');
const read = (text) => /Mean\s*=\s*([\d.]+), StdDeviation\s*=\s*([\d.]+)/.exec(text).slice(1).map(Number);
console.log(`1 to 1,000 us: mean ${mean} us, deviation ${deviation.toFixed(3)} us`);
console.log(`hdrhistogram 0.10.8, ratio 1:       ${python[0]}`);
console.log(`hdrhistogram 0.10.8, ratio 1,000:   ${python[1]}`);
console.log(`hdr-histogram-js 3.0.1, 1,000:      ${line}`);
const near = (a, b) => Math.abs(a - b) < 0.01 * b;
const [whole, scaled, other] = [python[0], python[1], line].map(read);
const right = near(whole[1], deviation) && near(other[1], deviation / 1000);
process.exit(right && near(scaled[0], mean / 1000) && near(scaled[1], deviation) ? 0 : 1);
JS
node table.js
