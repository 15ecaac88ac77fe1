#!/usr/bin/env bash
# A histogram of Node leaves the longest durations out of mean, max and percentiles.
#
# `createHistogram({ highest })` of node:perf_hooks makes a histogram up to a value of the user's
# choice. `record()` of a longer duration succeeds; the value counts in `exceeds`, and in nothing
# else: `count`, `mean`, `max` and every percentile are those of the durations that fitted. Here one request
# in ten takes 5 s, `highest` is 1 s, and the 99th percentile is 10 ms. The documentation of `exceeds`
# names event-loop delays of more than an hour. `add()`, which joins the histograms of two workers,
# is worse: when the other one has values that do not fit, they raise `count` and are in neither
# `exceeds` nor the mean.
#
# Seen with Node 20.20.2 and 24.11.1 (npm's package `node`). Exit code 0: still so. 1: it changed.
# Users meet it when they size a histogram for the durations of a quiet service.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
cat >record.mjs <<'JS'
import { createHistogram } from 'node:perf_hooks';
const fill = (highest) => {
  const histogram = createHistogram({ lowest: 1, highest, figures: 3 });
  for (let index = 0; index < 1000; index++) histogram.record(index % 10 === 9 ? 5000 : 10);
  return histogram;
};
const row = (title, { count, exceeds, mean, max, ...rest }, p99) =>
  console.log(`${title}: count ${count}, exceeds ${exceeds}, mean ${mean.toFixed(0)} ms, p99 ${p99} ms, max ${max} ms`);
const wide = fill(10000);
const narrow = fill(1000);
const worker = createHistogram({ lowest: 1, highest: 1000, figures: 3 });
for (let index = 0; index < 1000; index++) worker.record(10);
worker.add(wide);
console.log(`node ${process.version}; 900 durations of 10 ms and 100 of 5,000 ms`);
const show = (title, histogram) => {
  const { count, exceeds, mean, max } = histogram;
  row(title, { count, exceeds, mean, max }, histogram.percentile(99));
};
show('highest 10000', wide);
show('highest 1000 ', narrow);
show('1,000 durations of 10 ms with highest 1000, and the first one added', worker);
const right = wide.count === 1000 && wide.percentile(99) > 4900 && wide.exceeds === 0;
const left = narrow.count === 900 && narrow.exceeds === 100 && narrow.percentile(99) === 10 && narrow.max === 10 && narrow.mean === 10;
const lost = worker.count === 2000 && worker.exceeds === 0 && worker.max === 10 && Math.round(worker.mean) <= 10;
process.exit(right && left && lost ? 0 : 1);
JS
for version in 20.20.2 24.11.1; do
  mkdir "$version"
  (cd "$version" && npm init -y >/dev/null && npm install --silent --no-audit --no-fund "node@$version")
  "$version/node_modules/.bin/node" record.mjs
done
