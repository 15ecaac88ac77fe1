#!/usr/bin/env bash
# Datadog's sketches-js forgets the negative values of a sketch that is merged into another one.
#
# `merge` adds the count, the sum, the zeros and the positive values of the other sketch, and not its negative
# ones. The count then contains values that are nowhere, so every quantile is taken too far up. Differences
# are negative: the latency of the new build minus that of the old one for the same request, or a server's clock minus the
# client's. Here each of four workers compares 1,000 requests; 900 are 20 ms faster with the new build and
# 100 are 50 ms slower. One sketch of all has a median of -20 ms, and the merged one has +50 ms: the better
# build seems worse. Nothing is raised; `count`, `sum`, `min` and `max` are right. DDSketch of PyPI merges all.
#
# Seen with @datadog/sketches-js 2.1.1 on Node 20 and ddsketch 3.0.1 of PyPI. Exit code 0: still so.
# 1: the behaviour changed.
# Users meet it when they add up the sketches of several workers.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @datadog/sketches-js@2.1.1
python3 -m venv venv
venv/bin/pip install --quiet --no-compile ddsketch==3.0.1
cat >merge.js <<'JS'
const { DDSketch } = require('@datadog/sketches-js');
const { version } = require('@datadog/sketches-js/package.json');
const differences = [...Array(900).fill(-20), ...Array(100).fill(50)];
const all = new DDSketch();
const merged = new DDSketch();
for (let worker = 0; worker < 4; worker++) {
  const one = new DDSketch();
  for (const difference of differences) {
    one.accept(difference);
    all.accept(difference);
  }
  merged.merge(one);
}
const show = (sketch) => [0.1, 0.5, 0.95].map((quantile) => Math.round(sketch.getValueAtQuantile(quantile)));
const sums = (sketch) => `count ${sketch.count}, sum ${sketch.sum}, min ${sketch.min}, max ${sketch.max}`;
console.log(`@datadog/sketches-js ${version}: p10, p50 and p95 of one sketch ${show(all)} ms (${sums(all)})`);
console.log(`@datadog/sketches-js ${version}: p10, p50 and p95 of the merged sketch ${show(merged)} ms (${sums(merged)})`);
process.exit(show(all).join() === '-20,-20,50' && show(merged)[1] === 50 && sums(all) === sums(merged) ? 0 : 1);
JS
cat >merge.py <<'PY'
import sys
from importlib.metadata import version
from ddsketch import DDSketch

merged = DDSketch()
for _ in range(4):
    one = DDSketch()
    for difference in [-20.0] * 900 + [50.0] * 100:
        one.add(difference)
    merged.merge(one)
shown = [round(merged.get_quantile_value(quantile)) for quantile in (0.1, 0.5, 0.95)]
print(f"ddsketch {version('ddsketch')}: merged {shown} ms, count {merged.count:.0f}")
sys.exit(0 if shown == [-20, -20, 50] else 1)
PY
node merge.js
venv/bin/python merge.py
