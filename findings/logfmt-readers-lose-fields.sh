#!/usr/bin/env bash
# @jclem/logfmt2 takes the name of a field for a value, and PyPI's logfmt loses all that follows a line break.
#
# A line of logfmt may have keys without a value, which mean true: `level=error retried msg=lost took=12`. logfmt2
# expects a value behind each key. It gives `retried` the value "msg" and then `lost` the value "took", so that
# the message and the duration are gone. A key without a value at the end of a line is dropped.
# In a value in quotes, logfmt of PyPI sees the backslash of \n and waits for a quote to escape. It takes the
# quote that ends the value for that one, and the rest of the line for a part of the value; at the end of
# the line it has no value, and `msg` becomes True. Go's log/slog, winston-logfmt and Python's logfmter write
# line breaks in this way. npm's logfmt keeps the fields of both lines.
#
# Seen with @jclem/logfmt2 2.4.3 and logfmt 1.4.0 on Node 20, logfmt 0.4 and logfmter 0.0.12 on Python 3.11. Exit code
# 0: still so. 1: it changed. Users meet it when they add up durations or count errors in a log by their own program.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @jclem/logfmt2@2.4.3 logfmt@1.4.0
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check logfmt==0.4 logfmter==0.0.12
cat >python.py <<'PY'
import json
import logging
import sys

import logfmt
from logfmter import Logfmter

def read(text):
    record = logging.LogRecord("api", logging.ERROR, "api.py", 1, text, None, None)
    record.route, record.took = "/items", 12
    line = Logfmter().format(record)
    fields = next(iter(logfmt.parse([line])))
    print(f"written: {line}\n  logfmt of PyPI: {json.dumps(fields)}")
    return line, fields

plain, broken = read("lost"), read("lost\n  at query")
open("line", "w").write(broken[0])
sys.exit(0 if plain[1] == {"at": "ERROR", "msg": "lost", "route": "/items", "took": "12"} and broken[1] == {"at": "ERROR", "msg": True} else 1)
PY
cat >node.js <<'JS'
const { deepStrictEqual } = require('node:assert');
const { readFileSync } = require('node:fs');
const logfmt = require('logfmt');
const { decode } = require('@jclem/logfmt2');
const read = (line) => {
  const found = [decode(line), logfmt.parse(line)];
  console.log(`written: ${line}\n  @jclem/logfmt2: ${JSON.stringify(found[0])}\n  logfmt of npm: ${JSON.stringify(found[1])}`);
  return found;
};
const full = read('level=error retried=true msg=lost took=12');
const bare = read('level=error retried msg=lost took=12');
const [, python] = read(readFileSync('line', 'utf8'));
deepStrictEqual(full[0], { level: 'error', retried: 'true', msg: 'lost', took: '12' });
deepStrictEqual(bare[1], { level: 'error', retried: true, msg: 'lost', took: '12' });
deepStrictEqual([python.route, python.took], ['/items', '12']);
process.exit(bare[0].retried === 'msg' && bare[0].lost === 'took' && !('msg' in bare[0]) && !('took' in bare[0]) ? 0 : 1);
JS
venv/bin/python python.py
node node.js
