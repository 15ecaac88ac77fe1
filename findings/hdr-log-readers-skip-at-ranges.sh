#!/usr/bin/env bash
# Readers of histogram logs lose an interval each time that the range changes.
#
# A histogram log has a histogram for each second. The readers of hdr-histogram-js and of PyPI's hdrhistogram take a
# range of seconds, so that one can add up each ten seconds of a test in one pass: ask until there is none left, then
# ask with the next range. The answer "none left" is given after the first line of the next range has been read, and
# that line is gone: of 60 seconds 55 arrive, and each window but the first lacks its first second. Here the longest
# request, of 5 s, is in such a second, so no window has it. Without ranges all 60 arrive, and so they do with a new
# reader for each range. Neither package mentions it.
#
# Seen with hdr-histogram-js 3.0.1 on Node 20 and hdrhistogram 0.10.8 on Python 3.11. Exit code 0: still so. 1: the
# behaviour changed. Users meet it when they cut the log of a load test into windows.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts hdr-histogram-js@3.0.1
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check hdrhistogram==0.10.8
cat >read.js <<'JS'
const { writeFileSync } = require('node:fs');
const hdr = require('hdr-histogram-js');
let text = '';
const log = new hdr.HistogramLogWriter((part) => { text += part; });
log.outputLogFormatVersion();
log.outputStartTime(1_700_000_000_000);
log.outputLegend();
for (let second = 0; second < 60; second++) {
  const histogram = hdr.build();
  histogram.recordValue(second === 30 ? 5000 : 100);
  log.outputIntervalHistogram(histogram, second, second + 1, 1);
}
writeFileSync('log.hlog', text);
const read = (fresh) => {
  const seen = [];
  let reader = new hdr.HistogramLogReader(text);
  for (let from = 0; from < 60; from += 10) {
    if (fresh) reader = new hdr.HistogramLogReader(text);
    for (let histogram; (histogram = reader.nextIntervalHistogram(from, from + 9.5)) !== null;) seen.push(histogram.maxValue);
  }
  return [seen.length, Math.max(...seen)];
};
const results = [read(false), read(true)];
console.log(`hdr-histogram-js ${require('hdr-histogram-js/package.json').version}, node ${process.version}: one reader, ranges of 10 s: ${results[0][0]} of 60 intervals, longest ${results[0][1]} ms; a reader for each range: ${results[1][0]}, longest ${results[1][1]} ms`);
process.exit(results[0][0] === 55 && results[0][1] < 200 && results[1][0] === 60 && results[1][1] >= 5000 ? 0 : 1);
JS
cat >read.py <<'PY'
import sys
from importlib.metadata import version
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader


def read(fresh):
    seen = []
    reader = HistogramLogReader("log.hlog", HdrHistogram(1, 60_000_000, 3))
    for start in range(0, 60, 10):
        if fresh:
            reader = HistogramLogReader("log.hlog", HdrHistogram(1, 60_000_000, 3))
        while (histogram := reader.get_next_interval_histogram(start, start + 9.5)) is not None:
            seen.append(histogram.get_max_value())
    return len(seen), max(seen)


one, each = read(False), read(True)
print(f"hdrhistogram {version('hdrhistogram')}, Python {sys.version.split()[0]}: one reader, ranges of 10 s: {one[0]} of 60 intervals, longest {one[1]} ms; a reader for each range: {each[0]}, longest {each[1]} ms")
sys.exit(0 if one[0] == 55 and one[1] < 200 and each[0] == 60 and each[1] >= 5000 else 1)
PY
node read.js
venv/bin/python read.py
