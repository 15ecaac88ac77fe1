#!/usr/bin/env bash
# Artillery reports -1 ms as the server's time of a route whose Server-Timing it cannot read.
#
# The plugin metrics-by-endpoint takes the duration `total` from the header Server-Timing, and has a
# histogram of it for each route. It looks for the text `total;dur=`, and records -1 when that is
# missing. That is so for a header without `total`, such as `db;dur=53, app;dur=47.2` (an example of
# MDN), and for two ways to write it that the specification allows: a description before the duration,
# and a space behind the semicolon. The -1 is a duration as any other in the
# minimum, the mean and the percentiles. A part whose name ends in "total", `subtotal;dur=3`, is taken for it. A
# route that sends the duration with every other answer has a minimum of -1 ms.
#
# Seen with artillery 2.0.34 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they compare the time in the server with that at the client.
set -euo pipefail
scratch=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts artillery@2.0.34
cat >server.js <<'JS'
const timings = {
  '/plain': ['total;dur=120'],
  '/parts': ['db;dur=53, app;dur=47.2'],
  '/described': ['total;desc="all";dur=120'],
  '/space': ['total; dur=120'],
  '/subtotal': ['subtotal;dur=3, total;dur=120'],
  '/mixed': ['total;dur=120', 'cache;desc="hit"'],
};
const turns = {};
require('node:http')
  .createServer((request, answer) => {
    const turn = (turns[request.url] = (turns[request.url] ?? 0) + 1);
    const rows = timings[request.url];
    answer.setHeader('Server-Timing', rows[turn % rows.length]);
    answer.end();
  })
  .listen(0, '127.0.0.1', function () { console.log(this.address().port); });
JS
node server.js >port &
server=$!
until [[ -s port ]]; do sleep 0.1; done
cat >test.yml <<YML
config:
  target: http://127.0.0.1:$(cat port)
  plugins: { metrics-by-endpoint: {} }
  phases: [{ duration: 1, arrivalCount: 4 }]
scenarios:
  - flow: [{ get: { url: /plain } }, { get: { url: /parts } }, { get: { url: /described } }, { get: { url: /space } }, { get: { url: /subtotal } }, { get: { url: /mixed } }]
YML
ARTILLERY_DISABLE_TELEMETRY=true node_modules/.bin/artillery run --output test.json test.yml >test.txt 2>&1
cat >compare.js <<'JS'
const { readFileSync } = require('node:fs');
console.log(`artillery ${require('artillery/package.json').version}, node ${process.version}`);
const { summaries } = JSON.parse(readFileSync('test.json', 'utf8')).aggregate;
const rows = {};
for (const [name, { min, max, mean }] of Object.entries(summaries)) {
  const route = /server-timing\.(\/\w+)$/.exec(name)?.[1];
  if (!route) continue;
  rows[route] = { min, max };
  console.log(`${name}: min ${min}, max ${max}, mean ${mean} ms`);
}
const has = (route, min, max) => rows[route]?.min === min && rows[route].max === max;
const still = has('/plain', 120, 120) && ['/parts', '/described', '/space'].every((route) => has(route, -1, -1)) && has('/subtotal', 3, 3) && has('/mixed', -1, 120);
process.exit(still ? 0 : 1);
JS
node compare.js
