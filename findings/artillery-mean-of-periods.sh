#!/usr/bin/env bash
# Artillery's request rate of a test is the mean of its periods, however short one of them was.
#
# Artillery reports every ten seconds of the clock. `http.request_rate` of the whole test is the
# sum of the periods' rates divided by the number of periods, without their lengths. So a last
# period of a tenth of a second with 40 requests (its rate is 40) has the weight of ten seconds at 1
# request a second. Here 58 requests are sent in 24 s, 2.4 a second, and the summary's rate is
# 11. Where a period ends depends on the clock, so the same test begun some seconds later has
# another rate. `http.requests` is right.
#
# Seen with Artillery 2.0.21 on Node 20 (npm's package is large: 590 MB). Exit code 0: still so.
# 1: the behaviour changed.
# Users meet it when they ramp the load up, and read how many requests a second a build served.
set -euo pipefail
scratch=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts artillery@2.0.21
cat >server.js <<'JS'
require('http')
  .createServer((req, res) => res.end('ok'))
  .listen(0, '127.0.0.1', function () { console.log(this.address().port); });
JS
node server.js >port &
server=$!
until [[ -s port ]]; do sleep 0.1; done
# One user asks 18 times, once a second, and then 40 times without a pause. The two parts begin
# with a period, so that the clock of this machine does not matter.
cat >processor.js <<'JS'
module.exports.period = (context, events, done) => setTimeout(done, 10200 - (Date.now() % 10000));
JS
cat >test.yml <<YML
config:
  target: "http://127.0.0.1:$(cat port)"
  processor: ./processor.js
  phases: [{ duration: 1, arrivalCount: 1 }]
scenarios:
  - flow:
      - function: period
      - { count: 18, loop: [{ get: { url: "/" } }, { think: 1 }] }
      - function: period
      - { count: 40, loop: [{ get: { url: "/" } }] }
YML
ARTILLERY_DISABLE_TELEMETRY=true node_modules/.bin/artillery run --output out.json test.yml >log 2>&1 || { tail -5 log; exit 1; }
python3 - <<'PY'
import json, sys
result = json.load(open("out.json"))
whole = result["aggregate"]
for period in result["intermediate"]:
    span = (period["lastMetricAt"] - period["firstMetricAt"]) / 1000
    print(f"period: {period['counters'].get('http.requests', 0)} requests in {span:.1f} s, rate {period['rates'].get('http.request_rate')}")
span = (whole["lastMetricAt"] - whole["firstMetricAt"]) / 1000
true, said = whole["counters"]["http.requests"] / span, whole["rates"]["http.request_rate"]
print(f"Artillery 2.0.21: {whole['counters']['http.requests']} requests in {span:.1f} s are {true:.1f} a second; http.request_rate is {said}")
sys.exit(0 if said > 2 * true else 1)
PY
