#!/usr/bin/env bash
# jStat's 99th percentile of up to 100 durations is the second longest one, however long the longest is.
#
# `jStat.percentile(list, k)` interpolates between two neighbours, with k from 0 to 1. When the second
# neighbour is the last value of the list, it returns the first one alone. So each k below 1 that lies
# between the two longest durations has the second longest: for p99 that is so with up to 100
# durations, for p95 with up to 20. Here one of 20 requests took 5 s and the others 10 ms: p99 is 10 ms, as
# without the slow request, and the interpolation that all smaller percentiles get has 4,052 ms.
# `jStat.quantiles` has 5,000 ms for the same list.
#
# Seen with jstat 1.9.6 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they compare percentiles of routes that a test calls seldom.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts jstat@1.9.6
cat >percentiles.js <<'JS'
const { jStat } = require('jstat');
console.log(`jstat ${require('jstat/package.json').version}, node ${process.version}; one request of 5,000 ms, the others 10 ms`);
// The method of the other values of jStat.percentile: a place between 1 and n, and a line between its neighbours.
const expected = (list, k) => {
  const place = k * (list.length - 1);
  const low = Math.floor(place);
  return list[low] + (place - low) * (list[Math.min(low + 1, list.length - 1)] - list[low]);
};
const seen = {};
for (const count of [10, 20, 100, 1000]) {
  const list = [...Array(count - 1).fill(10), 5000];
  const row = [0.95, 0.99, 0.999, 1].map((k) => ({ k, got: jStat.percentile(list, k), right: expected(list, k) }));
  seen[count] = { p99: row[1].got, p999: row[2].got, whole: row[3].got };
  const text = row.map(({ k, got, right }) => `p${+(100 * k).toFixed(1)} ${got.toFixed(0)} ms (interpolated ${right.toFixed(0)})`);
  console.log(`${count} durations: ${text.join(', ')}; quantiles: p99 ${jStat.quantiles(list, [0.99])[0].toFixed(0)} ms`);
}
const varied = Array.from({ length: 10 }, (_, at) => 10 * (at + 1));
const inner = [0.25, 0.5, 0.75].every((k) => Math.abs(jStat.percentile(varied, k) - expected(varied, k)) < 1e-9);
const second = [10, 20, 100].every((count) => seen[count].p99 === 10 && seen[count].p999 === 10 && seen[count].whole === 5000);
process.exit(inner && second ? 0 : 1);
JS
node percentiles.js
