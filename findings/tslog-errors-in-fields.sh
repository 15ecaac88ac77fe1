#!/usr/bin/env bash
# tslog 5 writes no error into a line of JSON when the error is a field: log.error('failed', { err }).
#
# With `type: 'json'` the fields of an object become keys of the line. A key whose value is an Error
# is left out, whatever its name; within a nested object it is missing too, and in a list there is
# `null`. No message, name, code or stack remains, and the line looks complete. `log.error(err)` and
# `log.error('failed', err)` write the error under `error`. The pretty output of the same call has
# the error with its stack, so it is there while a program is written and not in production. pino
# writes the message and stack for `err`. tslog 4.11.0 had what the error owns, its code.
#
# Seen with tslog 5.2.0 (5.1.0 is alike), pino 10.4.0 on Node 20. Exit code 0: still so. 1: it changed.
# Users meet it when a database refuses connections in a load test, and the log has no reason.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts tslog@5.2.0 pino@10.4.0
cat >log.mjs <<'JS'
import { readFileSync } from 'node:fs';
import pino from 'pino';
import { Logger } from 'tslog';
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
const error = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' });
const [form, way] = process.argv.slice(2);
const calls = {
  field: (log) => log.error('failed', { err: error, order: 7 }),
  first: (log) => log.error({ error, order: 7 }, 'failed'),
  nested: (log) => log.error('failed', { order: 7, result: { error, tried: [error] } }),
  argument: (log) => log.error('failed', error),
};
if (form === 'versions') console.log(`tslog ${version('tslog')}, pino ${version('pino')}, node ${process.version}`);
else if (form === 'pino') pino().error({ err: error, order: 7 }, 'failed');
else calls[way](new Logger({ type: form }));
JS
node log.mjs versions
still=0
run() {
  node log.mjs "$1" "$2" >line.txt 2>&1
  found=no
  if grep -q ECONNREFUSED line.txt; then found=yes; fi
  printf '%-14s error in the line: %s\n' "$1 $2" "$found"
  if ! grep -q failed line.txt || [[ $found != "$3" ]]; then still=1; fi
}
run json field no
sed 's/,"_logMeta".*//' line.txt
run json first no
run json nested no
sed 's/,"_logMeta".*//' line.txt
run json argument yes
run pretty field yes
run pino field yes
exit "$still"
