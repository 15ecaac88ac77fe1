#!/usr/bin/env bash
# promotel drops every series of a route that is written as /users/{id}.
#
# @platformatic/promotel turns the text of a Prometheus endpoint, or a registry of prom-client, into
# OTLP and sends it to a collector. The text may have any character in the value of a label. promotel
# takes the labels up to the first "}", so a line whose label value holds one does not fit its
# pattern, and it goes on with the next line, without a message. Paths of OpenAPI, hapi and many
# gateways have braces: the requests, the errors and the durations of these routes are not in the
# collector, and the sums over all routes are too small. Names have a second surprise: a
# counter `jobs_count` arrives as `jobs`, because it ends like a part of a histogram.
# parse-prometheus-text-format reads all requests from the same text.
#
# Seen with @platformatic/promotel 0.2.2, prom-client 15.1.3, parse-prometheus-text-format 1.1.1 on
# Node 20. Exit code 0: still so. 1: it changed.
# Users meet it when a service with prom-client moves to OpenTelemetry, and its load is read there.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @platformatic/promotel@0.2.2 prom-client@15.1.3 parse-prometheus-text-format@1.1.1
cat >convert.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { convert, getFromRegistry } from '@platformatic/promotel';
import readText from 'parse-prometheus-text-format';
import client from 'prom-client';
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
const registry = new client.Registry();
const labelNames = ['route', 'status'];
const requests = new client.Counter({ name: 'http_requests_total', help: 'requests', labelNames, registers: [registry] });
const durations = new client.Histogram({ name: 'http_duration_seconds', help: 'durations', labelNames, buckets: [0.1, 1], registers: [registry] });
for (const [route, status, times] of [['/users/{id}', '200', 90], ['/users/{id}', '500', 10], ['/users/:id', '200', 25], ['/health', '200', 5]]) {
  requests.inc({ route, status }, times);
  for (let i = 0; i < times; i++) durations.observe({ route, status }, 0.05);
}
new client.Counter({ name: 'jobs_count', help: 'jobs', registers: [registry] }).inc(7);
const text = await registry.metrics();
const peer = readText(text).find(({ name }) => name === 'http_requests_total');
const lines = [...text.matchAll(/^http_duration_seconds_count.* (\d+)$/gm)];
const expected = { requests: peer.metrics.reduce((sum, { value }) => sum + Number(value), 0), durations: lines.reduce((sum, [, count]) => sum + Number(count), 0) };
const sent = convert(await getFromRegistry({ registry }));
const metrics = (sent.resource_metrics ?? sent.resourceMetrics).flatMap((one) => (one.scope_metrics ?? one.scopeMetrics).flatMap(({ metrics }) => metrics));
const points = (name) => {
  const metric = metrics.find((one) => one.name === name);
  const data = metric && (metric.sum ?? metric.gauge ?? metric.histogram);
  return data ? (data.data_points ?? data.dataPoints) : [];
};
const attribute = (point, key) => point.attributes.find((one) => one.key === key).value;
const total = (name, pick) => points(name).reduce((sum, point) => sum + Number(pick(point)), 0);
const value = (point) => point.as_double ?? point.asDouble ?? point.as_int ?? point.asInt;
const got = { requests: total('http_requests_total', value), durations: total('http_duration_seconds', ({ count }) => count) };
const routes = points('http_requests_total').map((point) => Object.values(attribute(point, 'route'))[0]);
console.log(`promotel ${version('@platformatic/promotel')}, prom-client ${version('prom-client')}, parse-prometheus-text-format ${version('parse-prometheus-text-format')}`);
console.log('in the text   ', expected);
console.log('in the OTLP   ', got, 'routes', routes, 'metrics', metrics.map(({ name }) => name));
const still = expected.requests === 130 && expected.durations === 130 && got.requests === 30 && got.durations === 30 && !routes.includes('/users/{id}') && metrics.some(({ name }) => name === 'jobs') && !metrics.some(({ name }) => name === 'jobs_count');
process.exit(still ? 0 : 1);
JS
node convert.mjs
