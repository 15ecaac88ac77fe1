#!/usr/bin/env bash
# The histogram logs that PyPI's hdrhistogram writes have maxima without fractions, and no tags.
#
# A histogram log has a line for each second or so: an optional tag, the start, the length, `Interval_Max` and the
# histogram. `output_interval_histogram` divides the maximum by a ratio, by default 1,000,000 for nanoseconds in
# milliseconds. It does so with a division that drops the fraction, and prints the whole number with six decimals. In
# seconds, an interval whose longest request took 0.94 s has a maximum of 0.000000. The histogram in the same line is
# right. A tag, which tells histograms of one second apart, is read from a log and never written: copied line by line, a
# log with the tags `read` and `write` becomes one series that has each second twice. hdr-histogram-js writes both.
#
# Seen with hdrhistogram 0.10.8 (PyPI, Python 3.11) and hdr-histogram-js 3.0.1 (Node 20). Exit code 0: still so.
# 1: it changed.
# Users meet it when they cut, join or write the logs of a load generator in Python.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts hdr-histogram-js@3.0.1
python3 -m venv venv
venv/bin/pip install --quiet hdrhistogram==0.10.8 2>/dev/null
cat >write.js <<'JS'
const { writeFileSync } = require('node:fs');
const hdr = require('hdr-histogram-js');
let text = '';
const log = new hdr.HistogramLogWriter((part) => { text += part; });
log.outputLogFormatVersion();
log.outputLegend();
// Two seconds of reads and writes, in microseconds; the maximum is written in seconds.
[[0, 'read', 940_000], [0, 'write', 1_730_000], [1, 'read', 85_000], [1, 'write', 2_990_000]].forEach(([second, tag, longest]) => {
  const histogram = hdr.build({ lowestDiscernibleValue: 1, highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: 3 });
  for (let at = 1; at <= 100; at++) histogram.recordValue((longest * at) / 100);
  histogram.tag = tag;
  log.outputIntervalHistogram(histogram, 1000 + second, 1001 + second, 1e6);
});
writeFileSync('tagged.hlog', text);
JS
node write.js
cat >copy.py <<'PY'
import sys
from importlib.metadata import version
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader, HistogramLogWriter

reader = HistogramLogReader("tagged.hlog", HdrHistogram(1, 60_000_000, 3))
tags, truth = [], []
with open("copy.hlog", "w") as file:
    writer = HistogramLogWriter(file)
    writer.output_log_format_version()
    writer.output_legend()
    while (histogram := reader.get_next_interval_histogram()) is not None:
        tags.append(histogram.get_tag())
        truth.append(histogram.get_max_value() / 1e6)
        writer.output_interval_histogram(histogram, max_value_unit_ratio=1e6)

rows = {}
for name in ("tagged.hlog", "copy.hlog"):
    rows[name] = [line.strip().split(",") for line in open(name) if line[0] not in '#"']
    print(name, *(" ".join(cells[:-1]) for cells in rows[name]), sep="\n  ")
print(f"hdrhistogram {version('hdrhistogram')} read the tags {tags} and the maxima {[round(value, 2) for value in truth]} s")
own, copied = ([float(cells[-2]) for cells in rows[name]] for name in rows)
control = all(abs(a - b) < 0.005 for a, b in zip(own, truth)) and tags == ["read", "write"] * 2
lost = not any(cells[0].startswith("Tag=") for cells in rows["copy.hlog"])
sys.exit(0 if control and lost and copied == [0, 1, 0, 2] else 1)
PY
venv/bin/python copy.py
echo "hdr-histogram-js $(node -p "require('hdr-histogram-js/package.json').version"), node $(node --version)"
