#!/usr/bin/env bash
# stats-lite's low percentiles are below the shortest latency, and can be negative.
#
# `percentile(values, p)` interpolates between the two values around the place n × p - 0.5. Where that is before the
# first value (p5 of nine values and fewer, p1 of 49 and fewer), the line through the first two values is
# continued to the left. At the other end the longest value is kept. So a p5 of latencies that are all 10 ms and longer
# is -12.5 ms, and the band from p5 to p95 contains times that nobody saw. simple-statistics and numpy stay
# between the shortest and the longest.
#
# Seen with stats-lite 2.2.0 and simple-statistics 7.12.1 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they draw a band around the median of a few runs.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts stats-lite@2.2.0 simple-statistics@7.12.1
cat >percentiles.js <<'JS'
const { percentile } = require('stats-lite');
const { quantileSorted } = require('simple-statistics');
for (const name of ['stats-lite', 'simple-statistics']) console.log(name, JSON.parse(require('node:fs').readFileSync(`node_modules/${name}/package.json`, 'utf8')).version);
const runs = { 'five runs': [10, 100, 200, 300, 400], 'nine runs': [40, 80, 81, 82, 83, 84, 85, 86, 87], 'twenty runs': Array.from({ length: 20 }, (_, index) => 10 + 5 * index) };
const seen = Object.entries(runs).map(([title, values]) => {
  const at = [0.01, 0.05, 0.95, 0.99].map((p) => ({ p, lite: percentile(values, p), other: quantileSorted(values, p) }));
  console.log(`${title}, ${values[0]} to ${values.at(-1)} ms: ${at.map(({ p, lite, other }) => `p${100 * p} ${+lite.toFixed(2)} (simple-statistics ${other})`).join(', ')}`);
  const inside = (value) => value >= values[0] && value <= values.at(-1);
  return at.every(({ other }) => inside(other)) && at.slice(2).every(({ lite }) => inside(lite)) && !inside(at[0].lite);
});
process.exit(seen.every(Boolean) && percentile(runs['five runs'], 0.05) === -12.5 ? 0 : 1);
JS
node percentiles.js
