#!/usr/bin/env bash
# swagger-stats divides the time of the answers by the number of the requests.
#
# Its `avg_time` is documented as the average processing time. The sum is that of the requests
# that were answered, and the divisor also counts those that were not: the ones in progress, and
# for good the ones whose client gave up. Here every answer takes 100 ms or more; 30 clients give up
# waiting, and the mean over all requests falls to about 40 ms, far below the shortest answer. So the more
# clients time out, the faster an overloaded service looks. The divisor of `apdex_score` is right.
#
# Seen with swagger-stats 0.99.7, express 4.21.2, on Node 20. Exit code 0: still so. 1: it changed.
# Users meet it when they compare the mean of the service with that of a load generator.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund express@4.21.2 swagger-stats@0.99.7 prom-client@12.0.0
cat >service.js <<'JS'
const app = require('express')();
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
let arrived = 0;
app.use(require('swagger-stats').getMiddleware({ swaggerSpec: { swagger: '2.0', info: { title: 'shop', version: '1' }, paths: {} } }));
app.get('/stock', (req, res) => setTimeout(() => res.send('ok'), 101));
app.get('/stuck', (req, res) => { arrived += 1; setTimeout(() => res.send('ok'), 60000).unref(); });
const server = app.listen(0, '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  const ten = async () => { for (let i = 0; i < 10; i++) await (await fetch(`${url}/stock`)).text(); };
  const stats = async (when) => {
    const { all } = await (await fetch(`${url}/swagger-stats/stats`)).json();
    console.log(`swagger-stats 0.99.7, ${when}: ${all.requests} requests, ${all.responses} answers, ` +
      `${all.total_time} ms in all, avg_time ${all.avg_time.toFixed(1)} ms`);
    return all;
  };
  await ten();
  const before = await stats('before');
  const abort = new AbortController();
  const stuck = Array.from({ length: 30 }, () => fetch(`${url}/stuck`, { signal: abort.signal }).catch(() => {}));
  while (arrived < 30) await pause(20);
  abort.abort();
  await Promise.all(stuck);
  await pause(500);
  await ten();
  const after = await stats('after 30 clients gave up');
  const near = (all, divisor) => Math.abs(all.avg_time - all.total_time / divisor) < 0.01;
  const still = before.requests === 10 && near(before, 10) && after.requests === 50 && after.responses === 20 && near(after, 50);
  process.exit(still && after.total_time >= 20 * 99 ? 0 : 1);
});
JS
timeout 50 node service.js
