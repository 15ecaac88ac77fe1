#!/usr/bin/env bash
# prom-client's percentiles are 0 s while a route has no requests, so a route that hangs looks fastest.
#
# A Summary with `maxAgeSeconds` and `ageBuckets` has "sliding window" percentiles. When no request ended within the
# window, there is no percentile; the clients of Prometheus for Go and Java print NaN, which graphs leave out and
# which no rule compares with. prom-client prints 0. A service whose requests all hang ends none, so its p99 falls
# to 0 at the moment of the outage, and a mean over several instances becomes smaller by those that do nothing.
# Here 100 requests take 2 s each, and then none ends. `_count` and `_sum` remain.
#
# Seen with prom-client 15.1.3 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it in graphs and alerts of the p99 when a service stands still.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts prom-client@15.1.3
cat >window.js <<'JS'
const client = require('prom-client');
const summary = new client.Summary({ name: 'duration_seconds', help: 'durations', percentiles: [0.5, 0.99], maxAgeSeconds: 2, ageBuckets: 2 });
for (let index = 0; index < 100; index++) summary.observe(2);
const read = async () => {
  const text = await client.register.getSingleMetricAsString('duration_seconds');
  const value = (name) => text.split('\n').find((line) => line.startsWith(name)).split(' ').at(-1);
  return { p50: value('duration_seconds{quantile="0.5"}'), p99: value('duration_seconds{quantile="0.99"}'), count: value('duration_seconds_count'), sum: value('duration_seconds_sum') };
};
(async () => {
  console.log(`prom-client ${require('prom-client/package.json').version}, node ${process.version}`);
  const during = await read();
  console.log('just after 100 requests of 2 s:', during);
  await new Promise((done) => setTimeout(done, 6000));
  const hanging = await read();
  console.log('6 s later, none ended:', hanging);
  process.exit(during.p99 === '2' && hanging.p99 === '0' && hanging.p50 === '0' && hanging.count === '100' && hanging.sum === '200' ? 0 : 1);
})();
JS
node window.js
