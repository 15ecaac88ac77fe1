#!/usr/bin/env bash
# @nestia/benchmark reports answers of status 500 as successes, and answers of status 204 as failures.
#
# The package, which measures NestJS servers, runs functions that call the server, and its report has
# the columns Count and Success for each endpoint. A request is a success when the function that sent it did
# not throw, whatever its status: SDKs with `propagate`, which return a status instead of throwing, have
# no failures at all. When the function threw, each of its requests is judged by its status, and only 200 and
# 201 are successes. So the requests before the one that failed are failures too when they were
# answered with 204 (a DELETE), 202 or 304, although @nestia/fetcher itself takes the status that the
# route declares. Here /handled always fails, and DELETE /cart never does.
#
# Seen with @nestia/benchmark 10.0.2, @nestia/fetcher 10.0.2 on Node 20. Exit code 0: still so. 1: the
# behaviour changed.
# Users meet it when they read the error rate of a load test of their NestJS server.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @nestia/benchmark@10.0.2 @nestia/fetcher@10.0.2
mkdir api
# The functions call the fetcher as the SDK that nestia generates does.
cat >api/test.js <<'JS'
const { PlainFetcher } = require('@nestia/fetcher/lib/PlainFetcher');
const route = (method, path, status) => ({
  method,
  path,
  template: path,
  status,
  request: null,
  response: { type: 'application/json', encrypted: false },
});
exports.test_handled = async (connection) => {
  const answer = await PlainFetcher.propagate(connection, route('GET', '/handled', 200));
  if (answer.success) throw new Error('expected a failure');
};
exports.test_thrown = async (connection) => {
  await PlainFetcher.fetch(connection, route('DELETE', '/cart', 204));
  await PlainFetcher.fetch(connection, route('GET', '/thrown', 200));
};
JS
cat >servant.js <<'JS'
const { DynamicBenchmarker } = require('@nestia/benchmark');
DynamicBenchmarker.servant({
  connection: { host: process.env.URL },
  location: `${__dirname}/api`,
  parameters: (connection) => [connection],
  prefix: 'test_',
});
JS
cat >main.js <<'JS'
const { createServer } = require('node:http');
const { DynamicBenchmarker } = require('@nestia/benchmark');
const statuses = { '/cart': 204, '/handled': 500, '/thrown': 500 };
const answers = {};
const server = createServer((request, answer) => {
  answer.statusCode = statuses[request.url];
  answers[request.url] = (answers[request.url] ?? 0) + 1;
  answer.end();
}).listen(0, '127.0.0.1', async () => {
  process.env.URL = `http://127.0.0.1:${server.address().port}`;
  const report = await DynamicBenchmarker.master({ servant: `${__dirname}/servant.js`, count: 200, threads: 1, simultaneous: 4 });
  const version = (name) => require(`${name}/package.json`).version;
  console.log(`@nestia/benchmark ${version('@nestia/benchmark')}, @nestia/fetcher ${version('@nestia/fetcher')}, node ${process.version}`);
  const rows = {};
  for (const { method, path, count, success } of report.endpoints) {
    rows[path] = { count, success };
    console.log(`${method} ${path}: count ${count}, success ${success}; the server answered ${answers[path]} with status ${statuses[path]}`);
  }
  const all = (path, successes) => rows[path].count > 10 && rows[path].count === answers[path] && rows[path].success === successes(rows[path].count);
  const still = all('/handled', (count) => count) && all('/cart', () => 0) && all('/thrown', () => 0);
  process.exit(still ? 0 : 1);
});
JS
node main.js
