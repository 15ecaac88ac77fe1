#!/usr/bin/env bash
# NestJS's JSON logger does not write JSON when `compact` is false or colours are on.
#
# `new ConsoleLogger({ json: true, compact: false })` prints what util.inspect makes of the
# entry: unquoted keys, single quotes, and errors as bare stacks over several lines. A log
# collector that was told to expect one JSON object a line can parse none of them.
#
# Seen with @nestjs/common 11.1.6. Exit code 0: still so. 1: the behaviour changed.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @nestjs/common@11.1.6 reflect-metadata@0.2.2 rxjs@7.8.2
cat >log.js <<'JS'
require('reflect-metadata');
const { ConsoleLogger } = require('@nestjs/common');
const log = new ConsoleLogger('Boards', JSON.parse(process.argv[2]));
log.error(new Error('Queue limit reached.'));
JS
check() { # OPTIONS
  node log.js "$1" >out.txt 2>&1
  node -e "
    const text = require('fs').readFileSync('out.txt', 'utf8');
    let parses = true;
    try { JSON.parse(text); } catch { parses = false; }
    console.log(process.argv[1], parses ? 'is JSON' : 'is not JSON:', text.split('\n')[0].slice(0, 60));
    process.exit(parses ? 1 : 0);" "$1"
}
check '{"json":true}' && { echo 'even the plain form is no JSON now'; exit 1; }
check '{"json":true,"compact":false}'
check '{"json":true,"colors":true}'
