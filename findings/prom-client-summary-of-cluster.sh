#!/usr/bin/env bash
# prom-client adds up the percentiles of a cluster's workers.
#
# In a program with node:cluster the primary process asks every worker for its metrics and
# prints one page (`AggregatorRegistry`). Metrics are added up unless an `aggregator` is set, and
# that includes the quantiles of a Summary. Four workers whose requests take 100 ms each have a
# median and a p99 of 400 ms on that page, while `_sum` divided by `_count` is 100 ms. With one
# worker more the service seems to become slower. Of the aggregators that there are, `max` is the
# nearest to a p99; only a Histogram can be added up.
#
# Seen with prom-client 15.1.3 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they scale a service to the cores of a machine and compare latencies.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund prom-client@15.1.3
cat >service.js <<'JS'
const cluster = require('node:cluster');
const { AggregatorRegistry, Summary } = require('prom-client');
const workers = 4;
const registry = new AggregatorRegistry();
if (cluster.isWorker) {
  const summary = new Summary({ name: 'request_seconds', help: 'time of a request', percentiles: [0.5, 0.99] });
  for (let at = 0; at < 100; at++) summary.observe(0.1);
  process.send('ready');
} else {
  let ready = 0;
  for (let at = 0; at < workers; at++) {
    cluster.fork().on('message', async (message) => {
      if (message !== 'ready' || ++ready < workers) return;
      const page = await registry.clusterMetrics();
      const value = (key) => Number(page.split('\n').find((line) => line.startsWith(key)).split(' ').pop());
      const [p50, p99] = ['0.5', '0.99'].map((rank) => value(`request_seconds{quantile="${rank}"}`));
      const mean = value('request_seconds_sum') / value('request_seconds_count');
      console.log(`${workers} workers, each request took 0.1 s; the page: mean ${mean.toFixed(3)} s, median ${p50} s, p99 ${p99} s`);
      process.exit(Math.abs(mean - 0.1) < 1e-6 && Math.abs(p50 - 0.4) < 1e-6 && Math.abs(p99 - 0.4) < 1e-6 ? 0 : 1);
    });
  }
}
JS
echo "prom-client $(node -p "require('prom-client/package.json').version"), Node $(node --version)"
node service.js
