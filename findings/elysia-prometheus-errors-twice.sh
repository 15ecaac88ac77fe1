#!/usr/bin/env bash
# elysia-prometheus counts each request that failed twice, and each one without a route also as a success.
#
# The README describes `http_requests_total` as the "Counter of total HTTP requests". The plugin counts in `onError` and
# in `onAfterResponse`. Elysia calls the second one behind each answer, also behind that of an error. Of 10 answers and
# 10 handlers that threw, a third in place of a half succeeded. Ten requests for an unknown path are ten of status 404
# and ten more of status 200, as the status is not set in the second call. The histogram of durations has the same
# requests. Answers with a status of 500 that a handler returns are counted once.
#
# Seen with elysia-prometheus 1.1.1 and elysia 1.4.30 on Node 20; Bun 1.4.5 does the same. Exit code 0: still so.
# 1: the behaviour changed.
# Users meet it when a service gives way under load: its error rate, and its requests a second, are too high.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --prefer-offline --ignore-scripts elysia-prometheus@1.1.1 elysia@1.4.30 prom-client@15.1.3
cat >service.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Elysia } from 'elysia';
import plugin from 'elysia-prometheus';
for (const name of ['elysia-prometheus', 'elysia']) {
  console.log(`${name} ${JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version}, node ${process.version}`);
}
const app = new Elysia()
  .use((plugin.default ?? plugin)())
  .get('/answers', () => 'answer')
  .get('/returns', ({ set }) => { set.status = 500; return 'no'; })
  .get('/throws', () => { throw new Error('no'); });
const get = async (path) => {
  const answer = await app.handle(new Request(`http://localhost${path}`));
  return { status: answer.status, text: await answer.text() };
};
const sent = {};
for (const path of ['/answers', '/returns', '/throws', '/unknown']) {
  for (let at = 0; at < 10; at++) {
    const { status } = await get(path);
    sent[`${path} ${status}`] = (sent[`${path} ${status}`] ?? 0) + 1;
  }
}
// Elysia calls `onAfterResponse` in a later turn.
await pause(300);
const { text } = await get('/metrics');
const counted = (metric) => Object.fromEntries([...text.matchAll(new RegExp(`^${metric}{method="GET",path="([^"]+)",status="(\\d+)"} (\\d+)`, 'gm'))].map(([, path, status, count]) => [`${path} ${status}`, Number(count)]));
const requests = counted('http_requests_total');
const durations = counted('http_request_duration_seconds_count');
console.log('answers of the service:', JSON.stringify(sent));
console.log('http_requests_total:', JSON.stringify(requests));
console.log('http_request_duration_seconds_count:', JSON.stringify(durations));
const expected = { '/answers 200': 10, '/returns 500': 10, '/throws 500': 20, '/unknown 200': 10, '/unknown 404': 10 };
const same = (row) => Object.entries(expected).every(([key, count]) => row[key] === count) && Object.keys(row).length === 5;
process.exit(sent['/throws 500'] === 10 && sent['/unknown 404'] === 10 && same(requests) && same(durations) ? 0 : 1);
JS
node service.mjs
