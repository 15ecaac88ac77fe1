#!/usr/bin/env bash
# A histogram of prom-client with buckets of a tenth of a second has no bucket for le="0.3", le="0.7" or le="1.2".
#
# `linearBuckets(0.1, 0.1, 12)` adds multiples of the width to the start, and the sum of binary fractions is written into the
# label as it is: le="0.30000000000000004". Prometheus compares labels as texts, so the selector {le="0.3"} matches no
# series, and what is calculated from it has no result, without an error. The Apdex score in Prometheus' own documentation uses
# le="0.3" and le="1.2": neither is there. An alert on "the share within 300 ms is below 95 %" never fires. Buckets that are
# written as a list have the labels as they are written. `exponentialBuckets(0.1, 3, 3)` ends with 0.9000000000000001.
#
# Seen with prom-client 15.1.3 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they write a query or an alert for a time limit of 300 ms, 700 ms or 1.2 s.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts prom-client@15.1.3
cat >buckets.js <<'JS'
const { readFileSync } = require('node:fs');
const client = require('prom-client');
const { version } = JSON.parse(readFileSync('node_modules/prom-client/package.json', 'utf8'));
// The answers of a service in seconds: seven in ten within 0.3 s, nine in ten within 1.2 s.
const answers = [0.1, 0.1, 0.2, 0.2, 0.25, 0.3, 0.3, 0.8, 1.2, 3];
async function series(buckets) {
  client.register.clear();
  const histogram = new client.Histogram({ name: 'answer_seconds', help: 'Time of an answer.', buckets });
  answers.forEach((seconds) => histogram.observe(seconds));
  const lines = (await client.register.metrics()).split('\n');
  const found = new Map(lines.flatMap((line) => {
    const match = /^answer_seconds_bucket\{le="(.*)"\} (\d+)$/.exec(line);
    return match ? [[match[1], Number(match[2])]] : [];
  }));
  // Prometheus' formula of the Apdex score: satisfied within 0.3 s, tolerated within 1.2 s.
  const apdex = (found.get('0.3') + found.get('1.2')) / 2 / found.get('+Inf');
  return { labels: [...found.keys()], apdex: Number.isNaN(apdex) ? 'no result' : apdex };
}
(async () => {
  console.log(`prom-client ${version}, node ${process.version}`);
  const linear = await series(client.linearBuckets(0.1, 0.1, 12));
  const listed = await series([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2]);
  const exponential = await series(client.exponentialBuckets(0.1, 3, 3));
  console.log(`linearBuckets(0.1, 0.1, 12): le ${linear.labels.join(', ')}; Apdex: ${linear.apdex}`);
  console.log(`the same as a list: le ${listed.labels.join(', ')}; Apdex: ${listed.apdex}`);
  console.log(`exponentialBuckets(0.1, 3, 3): le ${exponential.labels.join(', ')}`);
  const missing = ['0.3', '0.7', '1.2'].filter((label) => !linear.labels.includes(label));
  process.exit(missing.length === 3 && linear.apdex === 'no result' && Math.abs(listed.apdex - 0.8) < 1e-9 ? 0 : 1);
})();
JS
node buckets.js
