#!/usr/bin/env bash
# Both readers of logfmt on npm turn the line breaks of an error's stack into the letter n.
#
# A value of logfmt in quotes has the escapes of a string: Go's log/slog, logrus and the formatters that use
# JSON.stringify, such as winston-logfmt, write a line break as \n and a tab as \t. logfmt and @jclem/logfmt2 take the
# backslash off and keep the character behind it, which is right for \" and \\ alone. So "Error: lost" with its
# stack becomes "Error: lostn    at query (...)n    at ...": one line, with an n at the end of each name and each
# place. A search for the error "lost" finds nothing, and a path of Windows or a tab (\t) is changed alike. Neither
# README has a word about it. JSON.parse reads the same value back as it was written.
#
# Seen with logfmt 1.4.0, @jclem/logfmt2 2.4.3, winston-logfmt 1.0.0, winston 3.19.0 on Node 20. Exit code 0: still
# so. 1: the behaviour changed. Users meet it when a drain or a collector in Node reads what a service logged.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts logfmt@1.4.0 @jclem/logfmt2@2.4.3 winston-logfmt@1.0.0 winston@3.19.0
cat >read.js <<'JS'
const { readFileSync } = require('node:fs');
const { Writable } = require('node:stream');
const logfmt = require('logfmt');
const logfmt2 = require('@jclem/logfmt2');
const winston = require('winston');
const { logFmtFormat } = require('winston-logfmt');
const version = (name) => `${name} ${JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version}`;
console.log(`${['logfmt', '@jclem/logfmt2', 'winston-logfmt', 'winston'].map(version).join(', ')}, node ${process.version}`);
let line = '';
const stream = new Writable({ write(chunk, encoding, done) { line += chunk; done(); } });
const logger = winston.createLogger({ format: logFmtFormat(), transports: [new winston.transports.Stream({ stream })] });
const stack = 'Error: lost\n    at query (db.js:7:3)\n    at get (items.js:4:9)';
logger.error('request failed', { stack, took: 12 });
setImmediate(() => {
  console.log(`written: ${line.trim()}`);
  const read = { logfmt: logfmt.parse(line.trim()), '@jclem/logfmt2': logfmt2.decode(line.trim()) };
  for (const [name, fields] of Object.entries(read)) console.log(`${name}: ${JSON.stringify(fields.stack)}`);
  const json = JSON.parse(line.match(/stack=("(?:[^"\\]|\\.)*")/)[1]);
  console.log(`JSON.parse: ${JSON.stringify(json)}`);
  const joined = stack.replaceAll('\n', 'n');
  const others = Object.values(read).every((fields) => fields.message === 'request failed' && fields.level === 'error' && fields.took === '12');
  process.exit(others && json === stack && Object.values(read).every((fields) => fields.stack === joined) ? 0 : 1);
});
JS
node read.js
