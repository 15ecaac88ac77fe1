#!/usr/bin/env bash
# An exponential histogram of OpenTelemetry is on no page of its exporter for Prometheus.
#
# A view with `AggregationType.EXPONENTIAL_HISTOGRAM` gives latencies buckets that adapt to the values,
# for durations that the fixed buckets do not fit. With the PrometheusExporter the page then has the
# lines HELP, UNIT and TYPE of the metric, the type is `untyped`, and no value follows: no count, no sum,
# no bucket. The request for the page succeeds, so a query for the rate or the p99 of a route finds
# nothing, as if no request had come. The message about it goes to the diagnostic logger, which is
# off by default. The same histogram with the default aggregation is complete.
#
# Seen with @opentelemetry/exporter-prometheus 0.223.0 and 0.301.0, @opentelemetry/sdk-metrics 2.12.0 and
# 3.1.0, on Node 24.11.1. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they want finer percentiles of a load test from the service's metrics.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
cat >export.js <<'JS'
const { get } = require('node:http');
const { PrometheusExporter } = require('@opentelemetry/exporter-prometheus');
const { AggregationType, MeterProvider } = require('@opentelemetry/sdk-metrics');
const { readFileSync } = require('node:fs');
const version = (name) => JSON.parse(readFileSync(`node_modules/@opentelemetry/${name}/package.json`, 'utf8')).version;
const exporter = new PrometheusExporter({ host: '127.0.0.1', port: 0 }, () => {
  const views = [{ instrumentName: 'adaptive', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }];
  const meter = new MeterProvider({ readers: [exporter], views }).getMeter('test');
  for (const name of ['adaptive', 'fixed']) {
    const histogram = meter.createHistogram(name, { unit: 'ms' });
    for (let ms = 1; ms <= 1000; ms++) histogram.record(ms, { route: '/users' });
  }
  const { port } = exporter._server.address();
  get({ host: '127.0.0.1', port, path: '/metrics' }, (answer) => {
    let text = '';
    answer.on('data', (part) => { text += part; });
    answer.on('end', () => {
      console.log(`exporter-prometheus ${version('exporter-prometheus')}, sdk-metrics ${version('sdk-metrics')}, node ${process.version}; status ${answer.statusCode}`);
      const lines = (name) => text.split('\n').filter((line) => line.includes(name));
      for (const name of ['adaptive', 'fixed']) console.log(`${name}: ${lines(name).length} lines\n  ${lines(name).slice(0, 5).join('\n  ')}`);
      const values = (name) => lines(name).filter((line) => !line.startsWith('#'));
      const count = values('fixed_count').some((line) => line.endsWith(' 1000'));
      process.exit(answer.statusCode === 200 && lines('adaptive').length > 0 && values('adaptive').length === 0 && count ? 0 : 1);
    });
  });
});
JS
while read -r exporter sdk api; do
  mkdir "exporter-$exporter"
  (
    cd "exporter-$exporter"
    npm init -y >/dev/null
    npm install --silent --no-audit --no-fund node@24.11.1 </dev/null
    npm install --silent --no-audit --no-fund --ignore-scripts \
      "@opentelemetry/api@$api" "@opentelemetry/exporter-prometheus@$exporter" "@opentelemetry/sdk-metrics@$sdk" </dev/null
    cp ../export.js .
    node_modules/.bin/node export.js
  )
done <<'END'
0.223.0 2.12.0 1.9.0
0.301.0 3.1.0 1.10.0
END
