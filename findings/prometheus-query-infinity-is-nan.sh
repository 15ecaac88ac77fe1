#!/usr/bin/env bash
# prometheus-query gives NaN for each value of Prometheus that is infinite, so no limit is ever exceeded by it.
#
# Prometheus's API sends values as texts, and its documentation lists "NaN", "Inf" and "-Inf" among them; servers
# write "+Inf". Prometheus's division by 0 is infinite: failed requests divided by those that succeeded is +Inf when
# all of them fail, and 0 / 0 is NaN when there were none at all. The package calls parseFloat, which knows the word
# "Infinity" alone, and gives NaN for "+Inf", "Inf" and "-Inf". The route on which everything fails is then
# like one that nobody called, each comparison with it is false, and an alert on a ratio above 0.05 is silent. The
# types promise a number, and the README says nothing about it. Finite values, 1e+06 among them, are right.
#
# Seen with prometheus-query 3.5.1 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when a program in CI asks Prometheus whether a load test stayed within its limits.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts prometheus-query@3.5.1
cat >ask.js <<'JS'
const { once } = require('node:events');
const { createServer } = require('node:http');
const { readFileSync } = require('node:fs');
const { PrometheusDriver } = require('prometheus-query');
console.log(`prometheus-query ${JSON.parse(readFileSync('node_modules/prometheus-query/package.json')).version}, node ${process.version}`);
// The answer has the form that Prometheus gives to: sum by (route) (rate(failed[1m])) / sum by (route) (rate(succeeded[1m]))
const texts = { '/healthy': '0.01', '/slow': '1e+06', '/all-failed': '+Inf', '/not-called': 'NaN' };
const result = Object.entries(texts).map(([route, text]) => ({ metric: { route }, value: [1764400000, text] }));
(async () => {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const driver = new PrometheusDriver({ endpoint: `http://127.0.0.1:${server.address().port}` });
  const answer = await driver.instantQuery('ratio');
  server.close();
  const own = (text) => Number(text.replace('Inf', 'Infinity'));
  const rows = answer.result.map(({ metric, value }) => ({ route: metric.labels.route, value: value.value, exact: own(texts[metric.labels.route]) }));
  for (const { route, value, exact } of rows) console.log(`${route}: "${texts[route]}" is ${value}, above 0.05: ${value > 0.05} (own: ${exact}, ${exact > 0.05})`);
  const [healthy, slow, failed, idle] = rows;
  const control = healthy.value === 0.01 && slow.value === 1e6 && Number.isNaN(idle.value) && failed.exact === Infinity;
  process.exit(control && Number.isNaN(failed.value) ? 0 : 1);
})();
JS
node ask.js
