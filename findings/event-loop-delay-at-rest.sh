#!/usr/bin/env bash
# The event-loop delay of prom-client and OpenTelemetry is 10 ms in a process that does nothing.
#
# Both use Node's monitorEventLoopDelay(), whose timer runs every `resolution` milliseconds. It
# records the time between two runs of the timer, and does not take the resolution off. So
# mean, p50, p90 and p99 of an idle process are 10 ms, the default of both libraries, and with a
# precision of 50 ms they are 50 ms. A delay of less than that changes nothing: blocks of
# 5 ms, which take half of the time here, leave mean and median at 10 ms. An alert at
# 10 ms always fires, and two services with different precisions cannot be compared.
#
# Seen with prom-client 15.1.3, @opentelemetry/instrumentation-runtime-node 0.36.1 on Node 20
# (prom-client also on Node 24 and 26).
# Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they look for the moment at which a load test blocks the event loop.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts prom-client@15.1.3 \
  @opentelemetry/instrumentation-runtime-node@0.36.1 @opentelemetry/sdk-metrics@2.12.1
cat >idle.js <<'JS'
const { RuntimeNodeInstrumentation } = require('@opentelemetry/instrumentation-runtime-node');
const { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } = require('@opentelemetry/sdk-metrics');
const prom = require('prom-client');
const precision = Number(process.argv[2]);
const block = Number(process.argv[3]);
prom.collectDefaultMetrics({ eventLoopMonitoringPrecision: precision });
const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 600000 });
new RuntimeNodeInstrumentation({ monitoringPrecision: precision }).setMeterProvider(new MeterProvider({ readers: [reader] }));
if (block > 0) {
  setInterval(() => {
    const end = performance.now() + block;
    while (performance.now() < end);
  }, 2 * block);
}
setTimeout(async () => {
  const page = (await prom.register.metrics()).split('\n');
  const seconds = (name) => Number(page.find((line) => line.startsWith(`nodejs_eventloop_lag_${name}_seconds `)).split(' ')[1]);
  await reader.forceFlush();
  const metrics = exporter.getMetrics().flatMap((all) => all.scopeMetrics).flatMap((scope) => scope.metrics);
  const otel = (name) => metrics.find((one) => one.descriptor.name === `nodejs.eventloop.delay.${name}`).dataPoints[0].value;
  const seen = [seconds('mean'), seconds('p50'), otel('mean'), otel('p50')].map((value) => value * 1000);
  console.log(`precision ${precision} ms, blocks of ${block} ms: prom-client mean ${seen[0].toFixed(1)} ms, p50 ${seen[1].toFixed(1)} ms; OpenTelemetry mean ${seen[2].toFixed(1)} ms, p50 ${seen[3].toFixed(1)} ms`);
  process.exit(seen.every((value) => value > 0.9 * precision && value < 1.5 * precision) ? 0 : 1);
}, 3000);
JS
echo "Node $(node --version)"
node idle.js 10 0
node idle.js 50 0
node idle.js 10 5
