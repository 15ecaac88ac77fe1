#!/usr/bin/env bash
# A Summary of prom-client has a median of 109 ms where nine answers in ten took 10 ms.
#
# prom-client keeps the values of a Summary in a t-digest (npm's `tdigest`), which joins values to
# clusters and draws a line from the middle of one cluster to the middle of the next. A cluster
# must be small for that. tdigest adds equal values to one cluster without a limit, so 900 equal
# durations are one cluster whose middle is at the 45th percentile, and all percentiles above it lie
# on the line to the next duration. Whole milliseconds (`Date.now()`) repeat: a cache that answers in
# 1 ms is such a cluster. Every percentile between the two is a time that no answer took. The same
# package has `Digest`, which counts repeated values exactly; prom-client does not use it.
#
# Seen with prom-client 15.1.3, tdigest 0.1.3 on Node 20. Exit code 0: still so. 1: it changed.
# Users meet it when they compare the percentiles of a service with those of a load generator.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts prom-client@15.1.3 tdigest@0.1.3
cat >observe.js <<'JS'
const client = require('prom-client');
const { Digest } = require('tdigest');
const version = (name) => require(`${name}/package.json`).version;
const ranks = [0.25, 0.5, 0.75, 0.85, 0.95, 0.99];
const runs = {
  'nine of ten take 10 ms, one 1,000 ms': (index) => (index % 10 === 9 ? 1000 : 10),
  'eight of ten take 1 ms, two 200 to 399 ms': (index) => (index % 5 === 4 ? 200 + (Math.floor(index / 5) % 200) : 1),
  'all are different': (index) => ((index * 7919) % 1000) + 1,
};
console.log(`prom-client ${version('prom-client')}, tdigest ${version('tdigest')}; percentiles ${ranks.map((rank) => 100 * rank)}`);
(async () => {
  const found = [];
  for (const [title, duration] of Object.entries(runs)) {
    const summary = new client.Summary({ name: 'ms', help: 'ms', percentiles: ranks, registers: [] });
    const digest = new Digest();
    const values = Array.from({ length: 1000 }, (_, index) => duration(index));
    for (const value of values) {
      summary.observe(value);
      digest.push(value);
    }
    const sorted = values.toSorted((a, b) => a - b);
    const truth = ranks.map((rank) => sorted[Math.ceil(rank * sorted.length) - 1]);
    const shown = (await summary.get()).values.filter(({ labels }) => labels.quantile !== undefined).map(({ value }) => Math.round(value));
    console.log(`${title}\n  values      ${truth}\n  Summary     ${shown}\n  Digest      ${digest.percentile(ranks).map(Math.round)}`);
    found.push({ truth, shown });
  }
  const [repeated, cached, different] = found;
  const still = repeated.truth[1] === 10 && repeated.shown[1] > 100 && repeated.shown[3] > 800 && cached.truth[1] === 1 && cached.shown[1] > 20;
  const right = different.truth.every((value, at) => Math.abs(value - different.shown[at]) <= 10);
  process.exit(still && right ? 0 : 1);
})();
JS
node observe.js
