#!/usr/bin/env bash
# Newman's average response time is below its minimum when requests fail.
#
# The line "average response time" divides by all requests so far, and a request without an answer adds
# nothing to the sum: a failed first request counts as 0 ms, and a later one as one more of the average so
# far. So the average depends on the order. Here four requests are refused, and four are answered after
# 200 ms. When the refused ones come first, the average is half of the minimum; when they come last, it is
# right. The deviation goes wrong in the same way.
#
# Seen with newman 6.2.2 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they run a collection against a service that refuses some connections.
set -euo pipefail
scratch=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts newman@6.2.2
cat >server.js <<'JS'
require('node:http')
  .createServer((request, answer) => setTimeout(() => answer.end('ok'), 200))
  .listen(0, '127.0.0.1', function () { console.log(this.address().port); });
JS
node server.js >port &
server=$!
until [[ -s port ]]; do sleep 0.1; done
cat >run.js <<'JS'
const newman = require('newman');
const { createServer } = require('node:net');
const port = process.argv[2];
const free = () => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});
const item = (port) => ({ name: 'ask', request: { method: 'GET', url: `http://127.0.0.1:${port}/` } });
const run = (items) => new Promise((resolve, reject) => {
  newman.run({ collection: { info: { name: 'c', schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json' }, item: items }, iterationCount: 1 }, (error, summary) => {
    if (error) return reject(error);
    const { timings, stats, executions } = summary.run;
    const times = executions.flatMap(({ response }) => (response ? [response.responseTime] : []));
    resolve({ ...timings, requests: stats.requests, mean: times.reduce((sum, time) => sum + time, 0) / times.length, answers: times.length });
  });
});
(async () => {
  const closed = await free();
  const refused = Array(4).fill(item(closed));
  const answered = Array(4).fill(item(port));
  console.log(`newman ${require('newman/package.json').version}, node ${process.version}`);
  const results = {};
  for (const [title, items] of [['refused ones last', [...answered, ...refused]], ['refused ones first', [...refused, ...answered]]]) {
    const result = (results[title] = await run(items));
    console.log(`${title}: ${result.requests.total} requests, ${result.requests.failed} failed, ${result.answers} answers; mean ${result.mean.toFixed(0)} ms; Newman's average ${result.responseAverage.toFixed(0)} ms, minimum ${result.responseMin} ms, deviation ${result.responseSd.toFixed(0)} ms`);
  }
  const last = results['refused ones last'];
  const first = results['refused ones first'];
  process.exit(Math.abs(last.responseAverage - last.mean) < 1 && first.responseAverage < 0.6 * first.responseMin ? 0 : 1);
})();
JS
node run.js "$(cat port)"
