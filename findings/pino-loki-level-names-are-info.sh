#!/usr/bin/env bash
# pino-loki sends each error to Loki with the label level="info" when pino writes the names of the levels.
#
# pino writes levels as numbers. Its documentation has `formatters: { level: (label) => ({ level: label }) }` for a log that
# reads "level":"error", and many services do so. pino-loki looks the level up in a table of the six numbers,
# and takes what it does not find for `info`: errors and warnings have the label of normal lines, so `{level="error"}`
# finds nothing, and an alert on it is silent. The line itself still has the name. `timestamp: isoTime`, which pino
# offers as well, becomes the time "NaN", which is none. The README mentions neither; the option `levelMap` can have names
# as keys, and then the labels are right.
#
# Seen with pino-loki 3.0.0 and pino 10.3.1 on Node 20; a server in the script takes the place of Loki. Exit code 0: still
# so. 1: the behaviour changed. Users meet it when they look for the errors of a load test in Grafana.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts pino@10.3.1 pino-loki@3.0.0
cat >log.js <<'JS'
const http = require('node:http');
const { readFileSync } = require('node:fs');
const pino = require('pino');
const names = { level: (label) => ({ level: label }) };
const ways = {
  'as pino is  ': {},
  'level names ': { formatters: names },
  'and levelMap': { formatters: names, levelMap: { error: 'error', info: 'info' } },
  'ISO times   ': { timestamp: pino.stdTimeFunctions.isoTime },
};
let received = [];
const server = http.createServer(async (request, response) => {
  let body = '';
  for await (const part of request) body += part;
  received.push(...JSON.parse(body).streams);
  response.writeHead(204).end();
});
server.listen(0, '127.0.0.1', async () => {
  const host = `http://127.0.0.1:${server.address().port}`;
  const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
  console.log(`pino-loki ${version('pino-loki')}, pino ${version('pino')}, node ${process.version}`);
  const found = [];
  for (const [title, { levelMap, ...options }] of Object.entries(ways)) {
    received = [];
    const transport = pino.transport({ target: 'pino-loki', options: { host, batching: false, levelMap } });
    pino(options, transport).error('connection refused');
    for (const end = Date.now() + 8000; received.length === 0 && Date.now() < end;) await new Promise((resolve) => setTimeout(resolve, 50));
    transport.end();
    const [{ stream, values }] = received;
    console.log(`${title}: log.error() has the label level="${stream.level}", the time ${values[0][0]} and the line ${values[0][1].slice(0, 16)}...`);
    found.push(stream.level, Number(values[0][0]) > 1.7e18);
  }
  server.close();
  process.exit(found.join() === 'error,true,info,true,error,true,error,false' ? 0 : 1);
});
JS
node log.js
