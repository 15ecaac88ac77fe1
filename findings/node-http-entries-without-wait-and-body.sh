#!/usr/bin/env bash
# Node's performance entries of HTTP clients end at the headers, and begin after the wait for a socket.
#
# A PerformanceObserver of the type `http` has an entry `HttpClient` for each request that the process
# sent. Its `duration` is documented as "the total number of milliseconds elapsed for this entry".
# It begins when the request has a socket: time in the queue of an agent with `maxSockets` is
# in no entry. It ends when the headers of the answer are there: the body is not in it. A
# request whose client gave up has no entry. Here four requests share one socket, the last
# one takes 0.8 s, and all entries have 0.2 s; a body of 1 s is in an entry of some milliseconds. The
# entry `HttpRequest` of the server, in the same list, lasts to the end of the answer.
#
# Seen with Node 20.20.2. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they look for the part of a route that waits for another service: under load the
# queue of the agent is most of it.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund node@20.20.2
cat >observe.mjs <<'JS'
import http from 'node:http';
import { PerformanceObserver } from 'node:perf_hooks';
const entries = [];
new PerformanceObserver((list) => entries.push(...list.getEntries())).observe({ entryTypes: ['http'] });
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const server = http.createServer(async (request, answer) => {
  if (request.url === '/body') {
    answer.write('first');
    await pause(1000);
  } else {
    await pause(request.url === '/late' ? 600 : 200);
  }
  answer.end('last');
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address();
const get = (path, options = {}) =>
  new Promise((resolve) => {
    const began = performance.now();
    const done = () => resolve(performance.now() - began);
    http.get({ host: '127.0.0.1', port, path, ...options }, (answer) => answer.resume().on('end', done)).on('error', done);
  });
const agent = new http.Agent({ maxSockets: 1, keepAlive: true });
const took = {
  queue: await Promise.all([1, 2, 3, 4].map(() => get('/queue', { agent }))),
  body: [await get('/body')],
  late: [await get('/late', { signal: AbortSignal.timeout(100) })],
};
await pause(1500);
console.log(`node ${process.version}`);
const seen = {};
for (const [name, times] of Object.entries(took)) {
  const of = (type) => entries.filter((entry) => entry.name === type && entry.detail.req.url.endsWith(`/${name}`)).map(({ duration }) => duration);
  seen[name] = { client: of('HttpClient'), server: of('HttpRequest') };
  const text = (list) => (list.length ? list.map((ms) => ms.toFixed(0)).join(', ') : 'none');
  console.log(`/${name}: took ${text(times)} ms; HttpClient ${text(seen[name].client)}; HttpRequest ${text(seen[name].server)}`);
}
agent.destroy();
server.closeAllConnections();
server.close();
const { queue, body, late } = seen;
// The last request waits for the three before it, so its time is that of all four entries together.
const sum = queue.client.reduce((all, ms) => all + ms, 0);
const waited = queue.client.length === 4 && Math.max(...took.queue) > 0.9 * sum;
const headers = body.client.length === 1 && body.client[0] < 0.7 * body.server[0] && body.client[0] < 0.7 * took.body[0];
process.exit(waited && headers && late.client.length === 0 ? 0 : 1);
JS
node_modules/.bin/node observe.mjs
