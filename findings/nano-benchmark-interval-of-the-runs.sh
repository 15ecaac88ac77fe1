#!/usr/bin/env bash
# The "confidence interval of the median" of nano-benchmark holds 95 % of the runs, however many runs there are.
#
# `nano-bench-io` and `nano-bench-compare` print a "95% bootstrap-percentile" interval beside each median. Such an
# interval says how far the true median may be, and four times the runs halve it. The package takes from each resample
# its 2.5 % and 97.5 % quantiles, as its longer documentation has it, where the method takes the median of each and then
# the quantiles of these medians. So the interval is about the range of the runs themselves: of runs spread evenly from
# 80 to 120 ms it is 37 ms wide with 50 runs and 38 ms with 3,200; by the method it is 12 and 1 ms. The README has
# `--stable 5` for "run until the median CI is within 5%". Waits of 10 to 30 ms go on to the greatest number of runs
# with `--stable 40`, here 300, though their median was known that well after 150.
#
# Seen with nano-benchmark 1.2.0 on Node 20.20.2. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they compare two builds by their intervals, or let the tool decide how often to run.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts nano-benchmark@1.2.0
cat >waits.mjs <<'JS'
let at = 0;
// Waits of 10 to 30 ms in a mixed order.
export default { query: () => new Promise((done) => setTimeout(done, 10 + ((at++ * 8) % 21))) };
JS
node_modules/.bin/nano-bench-io waits.mjs --warmup 2 --stable 40 --max-runs 300 --seed 1 --json runs.json >table.txt
grep -E 'Confidence|median|query' table.txt
cat >intervals.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { bootstrapSummary } from 'nano-benchmark/stats.js';
let state = 7;
const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
const sort = (list) => list.sort((a, b) => a - b);
const quantile = (sorted, part) => sorted[Math.round(part * (sorted.length - 1))];
// The percentile bootstrap: the median of each resample, then the quantiles of these medians.
function method(runs) {
  const medians = Array.from({ length: 1000 }, () => quantile(sort(runs.map(() => runs[Math.floor(random() * runs.length)])), 0.5));
  sort(medians);
  return quantile(medians, 0.975) - quantile(medians, 0.025);
}
const widths = [50, 200, 800, 3200].map((count) => {
  const runs = Array.from({ length: count }, () => 80 + 40 * random());
  const { median, lo, hi } = bootstrapSummary(runs, { random });
  const row = { own: hi - lo, method: method(runs) };
  console.log(`${count} runs: median ${median.toFixed(0)} ms, interval ${row.own.toFixed(1)} ms wide, of the method ${row.method.toFixed(1)} ms`);
  return row;
});
const { toolVersion, results: [{ samples, summary }] } = JSON.parse(readFileSync('runs.json'));
const share = (width) => 100 * width / summary.median;
const [own, reached] = [share(summary.hi - summary.lo), share(method(samples))];
const early = share(method(samples.slice(0, 150)));
console.log(`nano-benchmark ${toolVersion}, node ${process.version}: --stable 40 ended after ${samples.length} runs with a width of ${own.toFixed(0)} %;`,
  `the method has ${early.toFixed(0)} % after 150 runs, ${reached.toFixed(0)} % after all`);
const still = widths.every((row) => row.own > 30) && widths[3].method < widths[0].method / 3;
process.exit(still && samples.length >= 300 && own > 30 && early < 40 ? 0 : 1);
JS
node intervals.mjs
