#!/usr/bin/env bash
# OpenTelemetry counts a request whose client gave up as an answer of status 200.
#
# When a client closes its connection before the answer, @opentelemetry/instrumentation-http records
# the request in `http.server.request.duration` with the status that Node gives every answer at
# first, 200. No answer was sent, and the conventions for this metric give the status only "if one was
# received or sent". There is no `error.type` either. So a server that is so slow that every client
# gives up has 100 % success, and a latency that is the patience of the clients. Here nine requests of
# ten are given up after 0.2 s; the client's own metric has nine errors. express-prom-bundle has
# the status 499 for them.
#
# Seen with @opentelemetry/instrumentation-http 0.223.0, sdk-metrics 2.12.1, express-prom-bundle 8.0.0 on
# Node 20 (0.301.0 and 3.1.1 on Node 24 are alike). Exit code 0: still so. 1: it changed.
# Users meet it when they hold the errors of a load generator with a timeout against the service's own.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @opentelemetry/instrumentation-http@0.223.0 @opentelemetry/instrumentation@0.223.0 @opentelemetry/sdk-metrics@2.12.1 @opentelemetry/api@1.9.1 express-prom-bundle@8.0.0 prom-client@15.1.3 express@4.21.2
cat >serve.js <<'JS'
process.env.OTEL_SEMCONV_STABILITY_OPT_IN = 'http';
const { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } = require('@opentelemetry/sdk-metrics');
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const version = (name) => JSON.parse(require('node:fs').readFileSync(`node_modules/${name}/package.json`)).version;
const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3600000 });
registerInstrumentations({ meterProvider: new MeterProvider({ readers: [reader] }), instrumentations: [new HttpInstrumentation()] });
const http = require('node:http');
const express = require('express');
const bundle = require('express-prom-bundle')({ autoregister: false });
const app = express();
app.use(bundle);
app.get('/fast', (req, res) => res.json({}));
// A server that waits for a pool answers as little as this one. The client goes 0.2 s after it has the request.
let client;
app.get('/stuck', () => setTimeout(() => client.destroy(), 200));
const server = http.createServer(app);
server.listen(0, '127.0.0.1', async () => {
  const ask = (path) =>
    new Promise((done) => {
      client = http.get({ host: '127.0.0.1', port: server.address().port, path, agent: false }, (answer) => answer.resume().on('end', done));
      client.on('error', done);
    });
  await ask('/fast');
  for (let i = 0; i < 9; i++) await ask('/stuck');
  let metrics;
  for (let tries = 0; tries < 300; tries++) {
    await new Promise((done) => setTimeout(done, 100));
    await reader.forceFlush();
    metrics = exporter.getMetrics().at(-1).scopeMetrics.flatMap(({ metrics }) => metrics);
    const counts = metrics.flatMap(({ dataPoints }) => dataPoints.map(({ value }) => value.count));
    if (counts.reduce((sum, count) => sum + count, 0) === 20) break; // 10 of the server and 10 of the client
  }
  const points = (name) =>
    metrics.filter(({ descriptor }) => descriptor.name === name).flatMap(({ dataPoints }) =>
      dataPoints.map(({ attributes, value }) => ({ status: attributes['http.response.status_code'], error: attributes['error.type'], count: value.count, mean: (value.sum / value.count).toFixed(1) })));
  const served = points('http.server.request.duration');
  const asked = points('http.client.request.duration');
  const peer = [...(await bundle.promClient.register.metrics()).matchAll(/_seconds_count\{status_code="(\d+)"\} (\d+)/g)].map(([, status, count]) => ({ status, count: Number(count) }));
  console.log(`instrumentation-http ${version('@opentelemetry/instrumentation-http')}, sdk-metrics ${version('@opentelemetry/sdk-metrics')}, express-prom-bundle ${version('express-prom-bundle')}`);
  console.log('server', served);
  console.log('client', asked);
  console.log('express-prom-bundle', peer);
  const gaveUp = asked.filter(({ error }) => error).reduce((sum, { count }) => sum + count, 0) === 9 && peer.some(({ status, count }) => status === '499' && count === 9);
  process.exit(gaveUp && served.length === 1 && served[0].status === 200 && served[0].count === 10 && !served[0].error ? 0 : 1);
});
JS
node serve.js
