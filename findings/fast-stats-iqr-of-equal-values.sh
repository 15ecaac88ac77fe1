#!/usr/bin/env bash
# fast-stats' filter of outliers removes all latencies when half of them are equal.
#
# `iqr()` keeps the values that are less than 1.5 interquartile ranges away from the quartiles. It leaves out the limits
# themselves. Latencies in whole milliseconds are often equal: when the first quartile is the third one, the range is 0,
# both limits are that value, and nothing lies between them. What is left has a length of 0, a mean of NaN and no
# minimum. No error is raised. Of 80 answers of 10 ms, ten of 9 ms and ten of 500 ms none remains; the rule itself, which
# keeps what is not outside of the limits, has the 80. The README says that the filter may remove nothing, not that it
# may remove all.
#
# Seen with fast-stats 0.0.7 on Node 20.20.2. Exit code 0: still so. 1: it changed.
# Users meet it when they drop outliers before they compare the latencies of two builds.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --prefer-offline --ignore-scripts fast-stats@0.0.7
cat >filter.js <<'JS'
const { Stats } = require('fast-stats');
const repeat = (count, value) => new Array(count).fill(value);
// The rule: nothing beyond the quartiles by more than 1.5 interquartile ranges.
const rule = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const [first, third] = [0.25, 0.75].map((part) => sorted[Math.round(part * (sorted.length - 1))]);
  const reach = 1.5 * (third - first);
  return sorted.filter((value) => value >= first - reach && value <= third + reach);
};
const lists = {
  'mostly equal': [...repeat(10, 9), ...repeat(80, 10), ...repeat(10, 500)],
  'all equal': repeat(100, 10),
  different: [...Array.from({ length: 90 }, (_, at) => 10 + at / 10), ...repeat(10, 500)],
};
const kept = {};
for (const [name, values] of Object.entries(lists)) {
  const left = new Stats().push(values).iqr();
  kept[name] = left.length;
  console.log(`${name}: ${left.length} of ${values.length} are left, their mean is ${left.amean()}; by the rule ${rule(values).length}`);
}
const rules = Object.values(lists).map((values) => rule(values).length).join();
process.exit(kept['mostly equal'] === 0 && kept['all equal'] === 0 && kept.different === 90 && rules === '80,100,90' ? 0 : 1);
JS
echo "fast-stats $(node -p "require('fast-stats/package.json').version"), node $(node --version)"
node filter.js
