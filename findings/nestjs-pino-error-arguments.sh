#!/usr/bin/env bash
# nestjs-pino drops the error, or its stack, when it is given as NestJS's own logger takes it.
#
# NestJS's Logger is called as error(message, stack) or error(message, error), and prints both.
# With nestjs-pino behind it (`app.useLogger(app.get(Logger))`), which needs no change of the
# code that logs, error('failed', error) writes `failed` and nothing of the error: no class, no
# message, no stack. error('failed', error.stack) writes a new error of the type `Error` with
# the message `failed`, so that the class of the error remains in the text of the stack only.
# error('failed', error.stack, 'Orders') from a logger that has a context loses the stack again.
# error(error) and error({ err: error }, 'failed') keep all of it.
#
# Seen with nestjs-pino 4.6.1, @nestjs/common 12.5.1, pino 10.4.0. Exit code 0: still so.
# 1: the behaviour changed.
# Users meet it when they change a service's logger to JSON: its errors lose their stacks.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts --legacy-peer-deps nestjs-pino@4.6.1 pino@10.4.0 \
  pino-http@11.0.0 @nestjs/common@12.5.1 @nestjs/core@12.5.1 rxjs@7.8.2 reflect-metadata@0.2.2
cat >service.js <<'JS'
require('reflect-metadata');
const { Logger, Module } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const pino = require('nestjs-pino');
class Service {}
Module({ imports: process.argv[2] === 'pino' ? [pino.LoggerModule.forRoot({ pinoHttp: { autoLogging: false } })] : [] })(Service);
NestFactory.createApplicationContext(Service, { bufferLogs: true }).then((app) => {
  if (process.argv[2] === 'pino') app.useLogger(app.get(pino.Logger));
  app.flushLogs();
  const logger = new Logger('Orders');
  const error = new TypeError('no stock');
  logger.error('1 error', error);
  logger.error('2 stack', error.stack);
  logger.error('3 stack and context', error.stack, 'Orders');
  logger.error({ err: error }, '4 object');
});
JS
node service.js nest >nest.log 2>&1
node service.js pino >pino.log 2>&1
python3 - <<'PY'
import json, re, sys
nest = open("nest.log").read()
printed = len(re.findall(r"TypeError: no stock\n", nest))
print(f"NestJS's own logger prints the error and its stack {printed} times")
rows = [json.loads(line) for line in open("pino.log") if line.startswith("{")]
rows = {row["msg"][0]: row for row in rows if row["level"] == 50}
for row in rows.values():
    err = row.get("err", {})
    print(f"nestjs-pino, {row['msg']}: type {err.get('type')}, message {err.get('message')}, stack {'yes' if 'stack' in err else 'no'}")
one, two, three, four = (rows[key] for key in "1234")
lost = lambda row: "err" not in row and "no stock" not in json.dumps(row)
sys.exit(0 if printed >= 3 and lost(one) and two["err"]["type"] == "Error" and two["err"]["message"] == "2 stack"
         and lost(three) and four["err"]["type"] == "TypeError" else 1)
PY
