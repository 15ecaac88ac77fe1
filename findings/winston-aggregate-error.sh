#!/usr/bin/env bash
# winston logs a refused connection without a message, a host or a port.
#
# Node 20 tries all addresses of a host name. When each of them refuses (localhost has ::1 and
# 127.0.0.1), the error is an AggregateError whose message is empty; the addresses are in its list
# `errors`. winston with `errors({ stack: true })` and `json()` writes message "" and a stack of
# two lines of Node's own, and leaves the list out. Two services that are down give the same line.
# pino writes the list (as `aggregateErrors`), and an empty `msg`. With one address the
# same call logs "connect ECONNREFUSED 127.0.0.1:port" in both.
#
# Seen with winston 3.19.0, pino 10.4.0 on Node 20.20.2. Exit code 0: still so. 1: it changed.
# Users meet it when a database or another service is down: the log does not show which one.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts winston@3.19.0 pino@10.4.0
cat >refused.js <<'JS'
const http = require('node:http');
const net = require('node:net');
const { Writable } = require('node:stream');
const winston = require('winston');
const lines = { winston: [], pino: [] };
const stream = new Writable({ write(line, _, done) { lines.winston.push(JSON.parse(line)); done(); } });
const { combine, errors, json } = winston.format;
const loggers = [
  winston.createLogger({ format: combine(errors({ stack: true }), json()), transports: [new winston.transports.Stream({ stream })] }),
  require('pino')({}, { write: (line) => lines.pino.push(JSON.parse(line)) }),
];
const two = [{ address: '::1', family: 6 }, { address: '127.0.0.1', family: 4 }];
const ask = (port, addresses) => new Promise((resolve) => {
  // The addresses are given, so that the hosts file of this machine does not matter.
  const lookup = (_, options, found) => found(null, options.all ? addresses : addresses[0].address, addresses[0].family);
  http.get({ host: 'localhost', port, lookup }).on('error', (error) => {
    for (const logger of loggers) logger.error(error);
    resolve();
  });
});
const closed = net.createServer().listen(0, '127.0.0.1', () => {
  const { port } = closed.address();
  closed.close(async () => {
    await ask(port, two);
    await ask(port, two.slice(1));
    setImmediate(() => {
      const has = (line) => JSON.stringify(line).includes(`127.0.0.1:${port}`);
      const [aggregate, single] = lines.winston;
      console.log('winston, two addresses:', JSON.stringify(aggregate.message), aggregate.code, has(aggregate) ? 'with' : 'without', 'the address');
      console.log('winston, one address:  ', JSON.stringify(single.message.replace(port, 'PORT')));
      console.log('pino, two addresses:   ', JSON.stringify(lines.pino[0].msg), has(lines.pino[0]) ? 'with' : 'without', 'the address');
      process.exit(aggregate.message === '' && !has(aggregate) && has(single) && has(lines.pino[0]) ? 0 : 1);
    });
  });
});
JS
echo "winston $(node -p "require('winston/package.json').version"), pino $(node -p "require('pino/package.json').version"), Node $(node --version)"
node refused.js
