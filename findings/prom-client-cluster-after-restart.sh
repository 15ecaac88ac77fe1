#!/usr/bin/env bash
# When one worker of a cluster is replaced, Prometheus counts requests that nobody sent.
#
# prom-client's `AggregatorRegistry` adds up the counters of the workers that live. A counter of Prometheus may only
# rise, or start at 0 again after a restart. When a worker ends, its part is taken away: with four workers of 100
# requests the sum falls from 400 to 300. Prometheus takes each fall for a restart from 0, so `rate()` and `increase()`
# find the remaining 300 requests a second time. A rolling reload of all workers repeats that for each of them, and
# a histogram's percentiles get the same old answers again. In a worker that is asked alone, nothing of that happens.
#
# Seen with prom-client 15.1.3 on Node 20. The rule for a fall is that of Prometheus' documentation: "breaks in
# monotonicity (such as counter resets due to target restarts) are automatically adjusted for". Exit code 0: still
# so. 1: the behaviour changed.
# Users meet it when they reload a service during a load test, or its workers have a limit of requests.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts prom-client@15.1.3
cat >cluster.js <<'JS'
const cluster = require('node:cluster');
const client = require('prom-client');
if (cluster.isWorker) {
  const requests = new client.Counter({ name: 'requests_total', help: 'requests' });
  new client.AggregatorRegistry();
  process.on('message', (message) => {
    if (message.serve === undefined) return;
    requests.inc(message.serve);
    process.send({ served: message.serve });
  });
  requests.inc(0);
  process.send({ served: 0 });
} else {
  const registry = new client.AggregatorRegistry();
  const answer = (worker) => new Promise((done) => {
    const listen = (message) => {
      if (message.served === undefined) return;
      worker.off('message', listen);
      done(message.served);
    };
    worker.on('message', listen);
  });
  const start = async () => {
    const worker = cluster.fork();
    await answer(worker);
    return worker;
  };
  const stop = (worker) => new Promise((done) => {
    worker.on('exit', done);
    worker.kill();
  });
  const scrape = async () => Number(/^requests_total (\d+)$/m.exec(await registry.clusterMetrics())[1]);
  // The increase between scrapes as Prometheus has it, without its extrapolation to the ends of the window.
  const increase = (values) => values.slice(1).reduce((sum, value, at) => sum + (value < values[at] ? value : value - values[at]), 0);
  (async () => {
    const workers = await Promise.all([1, 2, 3, 4].map(start));
    for (const worker of workers) {
      const served = answer(worker);
      worker.send({ serve: 100 });
      await served;
    }
    const values = [await scrape()];
    for (const worker of workers) {
      await stop(worker);
      values.push(await scrape());
      await start();
      values.push(await scrape());
    }
    console.log(`prom-client ${require('prom-client/package.json').version}, node ${process.version}: 400 requests, then each of four workers is replaced, and none is sent`);
    console.log(`scrapes: ${values.join(', ')}; increase ${increase(values)}`);
    process.exit(values[0] === 400 && values.at(-1) === 0 && increase(values) === 600 ? 0 : 1);
  })();
}
JS
node cluster.js
