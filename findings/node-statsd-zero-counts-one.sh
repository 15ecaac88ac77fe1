#!/usr/bin/env bash
# node-statsd counts one when it is told to count zero.
#
# `increment(name, value)` "increments a stat by a specified amount". An amount of 0 is sent as 1, and
# `decrement(name, 0)` as -1, because 0 is taken for a missing amount. A service that adds the number of
# errors, retries or timeouts of each batch reports one for each batch without any. Here 1,000 batches have
# 5 errors in all, and the counter has 1,000. node-dogstatsd does the same; statsd-client
# sends 0.
#
# Seen with node-statsd 0.1.1, node-dogstatsd 0.0.7 and statsd-client 0.4.7 on Node 20.
# Exit code 0: still so. 1: the behaviour changed.
# Users meet it when an error rate does not go down to zero.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts node-statsd@0.1.1 node-dogstatsd@0.0.7 statsd-client@0.4.7
cat >count.js <<'JS'
const { createSocket } = require('node:dgram');
const batches = Array.from({ length: 1000 }, (_, index) => (index % 200 === 0 ? 1 : 0));
const truth = batches.reduce((sum, errors) => sum + errors, 0);
const clients = {
  'node-statsd': ({ StatsD }, port) => new StatsD({ host: '127.0.0.1', port }),
  'node-dogstatsd': ({ StatsD }, port) => new StatsD('127.0.0.1', port),
  'statsd-client': (Client, port) => new Client({ host: '127.0.0.1', port, socketTimeout: 0 }),
};
async function counted(name) {
  const server = createSocket('udp4');
  await new Promise((resolve) => server.bind(0, '127.0.0.1', resolve));
  let sum = 0;
  let received = 0;
  server.on('message', (message) => {
    for (const line of String(message).trim().split('\n')) {
      received++;
      sum += Number(/:(-?\d+)\|c/.exec(line)[1]);
    }
  });
  const client = clients[name](require(name), server.address().port);
  for (const [index, errors] of batches.entries()) {
    client.increment('errors', errors);
    // A pause lets the server keep up.
    if (index % 20 === 19) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  for (let wait = 0; wait < 100 && received < batches.length; wait++) await new Promise((resolve) => setTimeout(resolve, 50));
  client.close?.();
  server.close();
  console.log(`${name} ${require(`${name}/package.json`).version}: ${received} messages, ${sum} errors`);
  return sum;
}
(async () => {
  console.log(`${batches.length} batches with ${truth} errors`);
  const seen = [];
  for (const name of Object.keys(clients)) seen.push(await counted(name));
  process.exit(seen.join() === [1000, 1000, truth].join() ? 0 : 1);
})();
JS
node --no-deprecation count.js
