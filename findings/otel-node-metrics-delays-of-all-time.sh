#!/usr/bin/env bash
# Two packages of Node metrics for OpenTelemetry show a stall of the event loop for ever, and in no percentile.
#
# opentelemetry-node-metrics and @sesamecare-oss/opentelemetry-node-metrics have the gauges of prom-client under the
# same names: nodejs_eventloop_lag_max_seconds, _p99_seconds, _mean_seconds. prom-client empties the histogram of
# the delays after each scrape, so its gauges describe the time since the one before. The two packages keep
# all delays since the process began. A service that is idle for 15 s, blocked eight times for 0.3 s, and idle again
# has a p99 near 0.3 s in prom-client right after that, and of 10 to 20 ms in the two packages: the stalls are a
# few of very many delays, the fewer the longer the service has run. Their maximum is 0.3 s and more from then on,
# where prom-client's is small again. Both READMEs name prom-client as the source, and no difference here.
#
# Seen with opentelemetry-node-metrics 3.0.0, @sesamecare-oss/opentelemetry-node-metrics 3.0.0, prom-client 15.1.3
# and Node 20. Exit code 0: still so. 1: the behaviour changed. Users meet it when they move a dashboard with the
# names of prom-client to OpenTelemetry, and look at a load test in it.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts --legacy-peer-deps opentelemetry-node-metrics@3.0.0 \
  @sesamecare-oss/opentelemetry-node-metrics@3.0.0 @opentelemetry/sdk-metrics@2.12.1 @opentelemetry/api@1.9.1 prom-client@15.1.3
cat >lag.js <<'JS'
const { readFileSync } = require('node:fs');
const { setTimeout: sleep } = require('node:timers/promises');
const { MeterProvider, MetricReader } = require('@opentelemetry/sdk-metrics');
const { setupNodeMetrics } = require('@sesamecare-oss/opentelemetry-node-metrics');
const setup = require('opentelemetry-node-metrics');
const prom = require('prom-client');
const names = ['opentelemetry-node-metrics', '@sesamecare-oss/opentelemetry-node-metrics', 'prom-client'];
console.log(names.map((name) => `${name} ${JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version}`).join(', '), process.version);
class Reader extends MetricReader {
  async onForceFlush() {}
  async onShutdown() {}
}
const readers = [setup, (provider) => setupNodeMetrics(provider.getMeter('node'))].map((start) => {
  const reader = new Reader();
  start(new MeterProvider({ readers: [reader] }));
  return reader;
});
prom.collectDefaultMetrics();
const pick = (metrics) => {
  const value = (kind) => Math.round(1000 * metrics.find(({ name }) => name === `nodejs_eventloop_lag_${kind}_seconds`).value);
  return { p99: value('p99'), max: value('max') };
};
const scrape = async (title) => {
  const found = [];
  for (const reader of readers) {
    const { resourceMetrics } = await reader.collect();
    found.push(pick(resourceMetrics.scopeMetrics[0].metrics.map(({ descriptor, dataPoints }) => ({ name: descriptor.name, value: dataPoints[0]?.value }))));
  }
  found.push(pick((await prom.register.getMetricsAsJSON()).map(({ name, values }) => ({ name, value: values[0]?.value }))));
  console.log(`${title}, in ms: ${found.map((one, at) => `${names[at]} ${JSON.stringify(one)}`).join(', ')}`);
  return found;
};
(async () => {
  await sleep(15_000);
  await scrape('idle for 15 s');
  for (let stall = 0; stall < 8; stall++) {
    for (const end = Date.now() + 300; Date.now() < end;);
    await sleep(20);
  }
  const stalled = await scrape('blocked 8 times for 0.3 s');
  await sleep(3000);
  const idle = await scrape('idle for 3 s');
  const still = [0, 1].every((at) => stalled[at].p99 < 150 && stalled[at].max >= 280 && idle[at].max >= 280);
  process.exit(still && stalled[2].p99 >= 280 && idle[2].max < 250 ? 0 : 1);
})();
JS
node lag.js
