#!/usr/bin/env bash
# Three readers of logfmt make the letter n of the line breaks in a stack, or lose the rest of the line with it.
#
# A value of logfmt in quotes has the escapes of a string: Go's log/slog, winston-logfmt and Python's logfmter write a
# line break as \n. npm's logfmt and @jclem/logfmt2 take the backslash off and keep the character behind it, which is
# right for \" and \\ alone: "Error: lost" and its stack become "Error: lostn    at query (...)". logfmt of PyPI
# waits for a quote behind any backslash, takes the one that ends the value for it, and then the rest of the line
# for a part of the value: the value becomes True, and the fields after it are gone. In logfmt a key without a value
# means true, as in `level=error retried msg=lost took=12`. @jclem/logfmt2 takes the next name for its value:
# `retried` is "msg", `lost` is "took", and message and duration are gone. JSON.parse reads the value as it was.
#
# Seen with logfmt 1.4.0, @jclem/logfmt2 2.4.3, winston-logfmt 1.0.0, winston 3.19.0 on Node 20, logfmt 0.4 on Python
# 3.11. Exit code 0: still so. 1: it changed. Users meet it when they count errors or add up durations of a log
# by a program of their own.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts logfmt@1.4.0 @jclem/logfmt2@2.4.3 winston-logfmt@1.0.0 winston@3.19.0
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check logfmt==0.4
cat >read.py <<'PY'
import json
import sys

import logfmt

print(json.dumps([next(iter(logfmt.parse([line.rstrip("\n")]))) for line in sys.stdin]))
PY
cat >read.js <<'JS'
const { deepStrictEqual } = require('node:assert');
const { spawnSync } = require('node:child_process');
const { readFileSync } = require('node:fs');
const { Writable } = require('node:stream');
const logfmt = require('logfmt');
const { decode } = require('@jclem/logfmt2');
const winston = require('winston');
const { logFmtFormat } = require('winston-logfmt');
const version = (name) => `${name} ${JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version}`;
console.log(`${['logfmt', '@jclem/logfmt2', 'winston-logfmt', 'winston'].map(version).join(', ')}, node ${process.version}`);
const lines = [];
const stream = new Writable({ write(chunk, encoding, done) { lines.push(String(chunk).trim()); done(); } });
const logger = winston.createLogger({ format: logFmtFormat(), transports: [new winston.transports.Stream({ stream })] });
const stack = 'Error: lost\n    at query (db.js:7:3)';
logger.error('failed', { took: 12 });
logger.error('failed', { stack, took: 12 });
setImmediate(() => {
  lines.push('level=error retried msg=lost took=12');
  const python = JSON.parse(spawnSync('venv/bin/python', ['read.py'], { input: lines.join('\n'), encoding: 'utf8' }).stdout);
  const read = lines.map((line, at) => [logfmt.parse(line), decode(line), python[at]]);
  lines.forEach((line, at) => console.log([line, ...read[at].map((fields) => JSON.stringify(fields))].join('\n  ')));
  const [plain, broken, bare] = read;
  deepStrictEqual(JSON.parse(lines[1].match(/stack=("(?:[^"\\]|\\.)*")/)[1]), stack);
  for (const fields of plain) deepStrictEqual({ ...fields }, { took: '12', level: 'error', message: 'failed' });
  for (const fields of [bare[0], bare[2]]) deepStrictEqual([fields.retried, fields.msg, fields.took], [true, 'lost', '12']);
  const letters = [0, 1].every((at) => broken[at].stack === stack.replaceAll('\n', 'n'));
  const lost = JSON.stringify(broken[2]) === '{"stack":true}';
  process.exit(letters && lost && bare[1].retried === 'msg' && bare[1].lost === 'took' && !('msg' in bare[1]) ? 0 : 1);
});
JS
node read.js
