#!/usr/bin/env bash
# An OpenTelemetry gauge goes on reporting a queue or a connection that no longer exists, with the time of now.
#
# The callback of an observable instrument reports what there is at this moment: the length of each queue, the
# connections of each host. The specification has that a set of attributes which the last callback did not observe
# should not be reported. With cumulative temporality, the default of the exporters for Prometheus and OTLP, the SDK
# for JavaScript adds each collection to the one before it and keeps what only the older one has. So a queue that
# was removed keeps its last length for as long as the process runs, and the point has the time of the new
# collection: nothing shows that it is old. With delta temporality the gauge forgets the queue, as it should.
# prom-client forgets it too, when `collect` begins with `reset()`.
#
# Seen with @opentelemetry/sdk-metrics 3.1.1 (2.12.1 is alike), prom-client 15.1.3, on Node 20. Exit code 0: still so.
# 1: the behaviour changed. Users meet it as a backlog that never falls, or as a sum over hosts that only grows.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @opentelemetry/sdk-metrics@3.1.1 @opentelemetry/api@1.10.0 prom-client@15.1.3
cat >observe.js <<'JS'
const { readFileSync } = require('node:fs');
const { setTimeout: sleep } = require('node:timers/promises');
const { AggregationTemporality, MeterProvider, MetricReader } = require('@opentelemetry/sdk-metrics');
const { Gauge } = require('prom-client');
const version = (name) => `${name} ${JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version}`;
console.log(`${version('@opentelemetry/sdk-metrics')}, ${version('prom-client')}, node ${process.version}`);

class Reader extends MetricReader {
  async onForceFlush() {}
  async onShutdown() {}
}
const queues = new Map([['orders', 7], ['mails', 3]]);
const each = (report) => queues.forEach((length, queue) => report(length, queue));
const reader = (temporality) => {
  const found = new Reader({ aggregationTemporalitySelector: () => temporality });
  const meter = new MeterProvider({ readers: [found] }).getMeter('shop');
  meter.createObservableGauge('queue_length').addCallback((result) => each((length, queue) => result.observe(length, { queue })));
  return found;
};
const readers = { cumulative: reader(AggregationTemporality.CUMULATIVE), delta: reader(AggregationTemporality.DELTA) };
const gauge = new Gauge({
  name: 'queue_length',
  help: 'length',
  labelNames: ['queue'],
  collect() { this.reset(); each((length, queue) => this.set({ queue }, length)); },
});
const points = async (one) => {
  const { resourceMetrics } = await one.collect();
  return resourceMetrics.scopeMetrics[0].metrics[0].dataPoints.map(({ attributes, value, endTime }) => ({
    queue: attributes.queue,
    value,
    age: Date.now() - (endTime[0] * 1000 + endTime[1] / 1e6),
  }));
};
const collect = async (title) => {
  const all = {
    cumulative: await points(readers.cumulative),
    delta: await points(readers.delta),
    'prom-client': (await gauge.get()).values.map(({ labels, value }) => ({ queue: labels.queue, value })),
  };
  console.log(`${title}:`);
  for (const [name, list] of Object.entries(all)) console.log(`  ${name}: ${list.map(({ queue, value }) => `${queue} ${value}`).join(', ')}`);
  return all;
};
(async () => {
  await collect('two queues');
  queues.delete('orders');
  queues.set('mails', 4);
  await sleep(2000);
  const { cumulative, delta, 'prom-client': prom } = await collect('the queue of orders was removed two seconds ago');
  const gone = cumulative.find(({ queue }) => queue === 'orders');
  console.log(`cumulative: the point of the removed queue is ${gone ? `${(gone.age / 1000).toFixed(1)} s old` : 'not there'}`);
  const right = (list) => list.length === 1 && list[0].queue === 'mails' && list[0].value === 4;
  process.exit(gone?.value === 7 && gone.age < 1500 && right(delta) && right(prom) ? 0 : 1);
})();
JS
node observe.js
