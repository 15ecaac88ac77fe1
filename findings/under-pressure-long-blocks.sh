#!/usr/bin/env bash
# @fastify/under-pressure with a limit of 300 ms lets a process pass that is blocked for 700 ms in each second.
#
# Above `maxEventLoopDelay`, a number of milliseconds, the plugin answers 503. It compares the mean of
# Node's histogram of the delay over a second. That has one value for each turn of a timer of
# 10 ms, and one for a block, however long it is. A second with a block of 700 ms has that value
# and thirty of 10 ms, and their mean is some 30 ms. Seven requests in ten arrive while the process
# is blocked, and wait 350 ms on average. Only blocks without a pause between them pass the limit.
#
# Seen with @fastify/under-pressure 9.2.0, fastify 5.12.8 on Node 20. Exit code 0: still so. 1: it changed.
# Users meet it when they protect a service whose handlers compute for long.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @fastify/under-pressure@9.2.0 fastify@5.12.8
cat >serve.js <<'JS'
const version = (name) => JSON.parse(require('node:fs').readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const block = (ms) => {
  const began = performance.now();
  while (performance.now() - began < ms);
};
// The greatest delay that the plugin finds while the loop is blocked for `ms`, six times with pauses.
async function delays(ms, rest) {
  const app = require('fastify')();
  await app.register(require('@fastify/under-pressure'), { maxEventLoopDelay: 300 });
  app.get('/', async () => 'ok');
  await app.ready();
  await pause(1200);
  let delay = 0;
  let pressed = false;
  for (let turn = 0; turn < 6; turn++) {
    block(ms);
    await pause(rest);
    delay = Math.max(delay, app.memoryUsage().eventLoopDelay);
    pressed ||= app.isUnderPressure();
  }
  const { statusCode } = await app.inject('/');
  await app.close();
  return { delay, pressed, statusCode };
}
(async () => {
  console.log(`@fastify/under-pressure ${version('@fastify/under-pressure')}, fastify ${version('fastify')}, node ${process.version}; the limit is 300 ms`);
  const show = (title, { delay, pressed, statusCode }) => console.log(`${title}: greatest delay ${delay.toFixed(0)} ms, under pressure ${pressed}, status ${statusCode}`);
  const paused = await delays(700, 300);
  show('blocks of 700 ms, 300 ms apart', paused);
  const dense = await delays(700, 1);
  show('blocks of 700 ms, 1 ms apart  ', dense);
  process.exit(!paused.pressed && paused.delay < 250 && paused.statusCode === 200 && dense.pressed && dense.delay > 300 ? 0 : 1);
})();
JS
node serve.js
