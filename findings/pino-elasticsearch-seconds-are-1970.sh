#!/usr/bin/env bash
# pino-elasticsearch files a log with times in seconds under January 1970.
#
# pino has `stdTimeFunctions.unixTime`, which writes the time in seconds. pino-elasticsearch takes each number for
# milliseconds, rewrites `time` as a date, and puts the date into the name of the index where one asks for `%{DATE}`:
# a line of 2026 has the time 1970-01-21 and goes to the index `logs-1970-01-21`, with no warning. Kibana's "last 15
# minutes" is empty, and a rule that deletes old indices deletes the newest lines first. The original number is lost,
# since `time` is overwritten. The README does not name a unit. Times in milliseconds and ISO times are right.
#
# Seen with pino-elasticsearch 9.0.0 and pino 10.3.1 on Node 20; a server in the script takes the place of
# Elasticsearch. Exit code 0: still so. 1: the behaviour changed. Users meet it when they search the log of a load
# test by its time.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts pino@10.3.1 pino-elasticsearch@9.0.0
cat >send.js <<'JS'
const http = require('node:http');
const { readFileSync } = require('node:fs');
const pino = require('pino');
const pinoElastic = require('pino-elasticsearch');
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
console.log(`pino-elasticsearch ${version('pino-elasticsearch')}, pino ${version('pino')}, node ${process.version}`);
const received = [];
const server = http.createServer(async (request, response) => {
  let body = '';
  for await (const part of request) body += part;
  const lines = body.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
  if (request.url === '/_bulk') received.push(...lines);
  response.setHeader('x-elastic-product', 'Elasticsearch');
  response.setHeader('content-type', request.headers.accept ?? 'application/json');
  response.end(JSON.stringify({ errors: false, items: lines.filter((line) => line.index).map(() => ({ index: { status: 201 } })) }));
});
server.listen(0, '127.0.0.1', async () => {
  const node = `http://127.0.0.1:${server.address().port}`;
  const found = [];
  for (const kind of ['epochTime', 'isoTime', 'unixTime']) {
    received.length = 0;
    const stream = pinoElastic({ node, index: 'logs-%{DATE}', esVersion: 8, flushBytes: 10, flushInterval: 100 });
    const stored = new Promise((done, fail) => stream.on('insert', done).on('error', fail));
    let line = '';
    pino({ base: null, timestamp: pino.stdTimeFunctions[kind] }, { write: (text) => { line = text; } }).info('hello');
    stream.end(line);
    await stored;
    const [{ index }, document] = received;
    console.log(`${kind}: pino wrote ${line.trim()}; stored in ${index._index} with the time ${document.time}`);
    found.push(new Date().getTime() - new Date(document.time).getTime() < 3600e3 ? 'now' : document.time.slice(0, 7), index._index.slice(0, 9));
  }
  server.close();
  const year = new Date().getUTCFullYear();
  process.exit(found.join() === `now,logs-${year},now,logs-${year},1970-01,logs-1970` ? 0 : 1);
});
JS
timeout 30 node send.js
