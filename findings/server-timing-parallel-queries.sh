#!/usr/bin/env bash
# server-timing reports two database queries of 1.2 s as one of 0.6 s.
#
# `res.startTime(name)` and `res.endTime(name)` measure a part of a request. The package keeps one start for each
# name. When a second query begins before the first one is over, its start replaces the first. The end of the first query then
# measures from the start of the second one, and the end of the second finds nothing: it prints "No such name db" to the log of
# the server. The header has one `db` with the time from the second start to the first end. Here two
# queries of 1.2 s overlap by half, which makes 0.6 s. Queries that start together and differ in length get the
# shorter one. With a name for each, both have their 1.2 s. The header may have a name more than once.
#
# Seen with server-timing 3.3.3 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it with `Promise.all`: the slowest requests of a load test show a fast database.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts server-timing@3.3.3
cat >server.js <<'JS'
const http = require('http');
const middleware = require('server-timing')({ total: false, precision: 0 });
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const names = { '/same': ['db', 'db'], '/other': ['users', 'orders'] };
const server = http.createServer((request, response) => middleware(request, response, async () => {
  const query = async (name) => {
    response.startTime(name);
    await wait(1200);
    response.endTime(name);
  };
  const [first, second] = names[request.url];
  const running = query(first);
  await wait(600);
  await Promise.all([running, query(second)]);
  response.end('ok');
}));
server.listen(0, '127.0.0.1', async () => {
  const read = async (path) => {
    const header = (await fetch(`http://127.0.0.1:${server.address().port}${path}`)).headers.get('server-timing');
    console.log(`${path}: ${header}`);
    return [...header.matchAll(/dur=(\d+)/g)].map(([, ms]) => Number(ms));
  };
  const [one, two] = [await read('/same'), await read('/other')];
  process.exit(one.length === 1 && two.length === 2 && one[0] < 0.75 * Math.min(...two) ? 0 : 1);
});
JS
echo "server-timing $(node -p "require('server-timing/package.json').version"), node $(node --version)"
node server.js
