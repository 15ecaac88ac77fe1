#!/usr/bin/env bash
# Artillery's Apdex score of a server that fails or hangs at every other request is 1, "excellent".
#
# Apdex is a share of satisfied users. Services that document their score, such as SigNoz and updown.io,
# count a request that failed as frustrated, whatever time it took. The plugin `apdex`, "an open standard"
# in Artillery's documentation, looks at the time alone, and is called when there is an answer. A
# status of 500 within the threshold satisfies. A request that ran into the time limit, or whose
# connection was refused, is in none of the three counters. So the score rises as a server gets
# worse: here every other request is answered with 500 at once, or never answered, and the score is 1 in
# both tests. When no request at all is answered there is no score.
#
# Seen with artillery 2.0.34 (artillery-plugin-apdex 1.24.0) on Node 20. Exit code 0: still so.
# 1: the behaviour changed.
# Users meet it when they look for the load at which a service gives way.
set -euo pipefail
scratch=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts artillery@2.0.34 artillery-plugin-apdex@1.24.0
cat >server.js <<'JS'
require('node:http')
  .createServer((request, answer) => {
    if (request.url === '/hang') return;
    answer.statusCode = request.url === '/error' ? 500 : 200;
    answer.end();
  })
  .listen(0, '127.0.0.1', function () { console.log(this.address().port); });
JS
node server.js >port &
server=$!
until [[ -s port ]]; do sleep 0.1; done
export ARTILLERY_DISABLE_TELEMETRY=true
for way in error hang; do
  cat >"$way.yml" <<YML
config:
  target: http://127.0.0.1:$(cat port)
  http: { timeout: 3 }
  plugins: { apdex: {} }
  apdex: { threshold: 2000 }
  phases: [{ duration: 2, arrivalRate: 5 }]
scenarios: [{ flow: [{ get: { url: /ok } }, { get: { url: /$way } }] }]
YML
  node_modules/.bin/artillery run --output "$way.json" "$way.yml" >"$way.txt" 2>&1
done
cat >compare.js <<'JS'
const { readFileSync } = require('node:fs');
const version = (name) => require(`${name}/package.json`).version;
console.log(`artillery ${version('artillery')}, artillery-plugin-apdex ${version('artillery-plugin-apdex')}, node ${process.version}`);
const still = ['error', 'hang'].map((way) => {
  const { counters } = JSON.parse(readFileSync(`${way}.json`, 'utf8')).aggregate;
  const score = /Apdex score: (.*)/.exec(readFileSync(`${way}.txt`, 'utf8'))?.[1];
  const of = (name) => counters[name] ?? 0;
  const requests = of('http.requests');
  const satisfied = of('apdex.satisfied');
  const failed = of('http.codes.500') + of('errors.ETIMEDOUT');
  console.log(`${way}: ${requests} requests, ${of('http.codes.200')} answered 200, ${of('http.codes.500')} answered 500, ${of('errors.ETIMEDOUT')} timed out; satisfied ${satisfied}, tolerated ${of('apdex.tolerated')}, frustrated ${of('apdex.frustrated')}; Apdex score ${score}`);
  // An answer that a busy machine delays beyond the threshold changes neither the score nor the rest by a tenth.
  const counted = way === 'error' ? requests : requests - failed;
  return failed >= 0.4 * requests && satisfied >= 0.9 * counted && satisfied <= counted && of('apdex.frustrated') < 0.05 * requests && Number.parseFloat(score) > 0.9;
});
process.exit(still.every(Boolean) ? 0 : 1);
JS
node compare.js
