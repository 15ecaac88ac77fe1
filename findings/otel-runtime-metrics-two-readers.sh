#!/usr/bin/env bash
# OpenTelemetry's event-loop and CPU metrics show a blocked process to one of two readers alone.
#
# A service often has two readers of its metrics, a page for Prometheus and an exporter that pushes. Each
# has its own interval, and a gauge should hold for the interval of its reader. The packages
# instrumentation-runtime-node and host-metrics keep the counters of the last reading once for all readers,
# and clear the histogram of the event-loop delay in each reading. So the second reader gets the time
# since the first one read. Here the event loop is blocked for a second, within the intervals of both. The
# first reader finds it, and the second one, which reads 0.4 s later, finds a process at rest: a
# utilization and a CPU near 0, and a longest delay of some milliseconds.
#
# Seen with @opentelemetry/instrumentation-runtime-node 0.36.1, @opentelemetry/host-metrics 0.39.0 and
# @opentelemetry/sdk-metrics 2.12.1 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when a Prometheus page is added to a service that pushes its metrics.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @opentelemetry/instrumentation-runtime-node@0.36.1 @opentelemetry/host-metrics@0.39.0 @opentelemetry/sdk-metrics@2.12.1 @opentelemetry/api@1.9.1
cat >read.js <<'JS'
const { MeterProvider, MetricReader } = require('@opentelemetry/sdk-metrics');
const { RuntimeNodeInstrumentation } = require('@opentelemetry/instrumentation-runtime-node');
const { HostMetrics } = require('@opentelemetry/host-metrics');
for (const name of ['instrumentation-runtime-node', 'host-metrics', 'sdk-metrics']) {
  const { version } = JSON.parse(require('node:fs').readFileSync(`node_modules/@opentelemetry/${name}/package.json`, 'utf8'));
  console.log(`@opentelemetry/${name} ${version}`);
}
class Reader extends MetricReader {
  async onForceFlush() {}
  async onShutdown() {}
}
const readers = [new Reader(), new Reader()];
const meterProvider = new MeterProvider({ readers });
const runtime = new RuntimeNodeInstrumentation();
runtime.setMeterProvider(meterProvider);
new HostMetrics({ meterProvider, metricGroups: ['process.cpu'] }).start();
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const read = async (reader) => {
  const { resourceMetrics } = await reader.collect();
  const values = {};
  for (const { metrics } of resourceMetrics.scopeMetrics) {
    for (const { descriptor, dataPoints } of metrics) values[descriptor.name] = dataPoints.reduce((sum, { value }) => sum + (typeof value === 'number' ? value : 0), 0);
  }
  return { utilization: values['nodejs.eventloop.utilization'], longest: values['nodejs.eventloop.delay.max'], cpu: values['process.cpu.utilization'] };
};
const show = (title, { utilization, longest, cpu }) => console.log(`${title}: utilization ${utilization.toFixed(2)}, longest delay ${(1000 * longest).toFixed(0)} ms, CPU ${cpu.toFixed(3)}`);
(async () => {
  await pause(500);
  for (const reader of readers) await read(reader);
  const began = performance.now();
  await pause(200);
  const blocked = performance.now();
  while (performance.now() - blocked < 1000);
  await pause(200);
  const first = await read(readers[0]);
  await pause(400);
  const second = await read(readers[1]);
  const share = 1000 / (performance.now() - began);
  console.log(`the loop was blocked for 1000 ms, which is ${share.toFixed(2)} of the second reader's interval`);
  show('first reader ', first);
  show('second reader', second);
  const still = first.utilization > 0.5 && first.longest >= 0.9 && second.utilization < 0.5 * share && second.longest < 0.6 && second.cpu < 0.5 * first.cpu;
  process.exit(still ? 0 : 1);
})();
JS
node read.js
