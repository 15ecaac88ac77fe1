#!/usr/bin/env bash
# prom-client's `nodejs_eventloop_lag_seconds` is near 0 in a process whose event loop is
# blocked nine tenths of the time.
#
# The gauge is not a mean since the last scrape: when /metrics is asked for, prom-client takes
# the time until the next setImmediate(). A loop that is blocked answers the scrape after the
# block, and what follows is the short rest of the same turn of the loop. Work that timers
# begin (a poll of a queue, a batch, a cache that is filled) is never between the two. The
# scrape itself takes as long as the block. A rule such as "lag over 0.1 s" never fires.
# Its sibling `nodejs_eventloop_lag_p99_seconds` has the block.
#
# Seen with prom-client 15.1.3 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it in dashboards of Node services, most of which draw this gauge.
set -euo pipefail
scratch=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund prom-client@15.1.3
cat >server.js <<'JS'
const client = require('prom-client');
client.collectDefaultMetrics();
require('http')
  .createServer(async (req, res) => res.end(await client.register.metrics()))
  .listen(0, '127.0.0.1', function () { console.log(this.address().port); });
setInterval(() => {
  const end = performance.now() + 900;
  while (performance.now() < end);
}, 1000);
JS
node server.js >port &
server=$!
until [[ -s port ]]; do sleep 0.1; done
cat >scrape.js <<'JS'
const value = (text, name) => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)[1]);
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
(async () => {
  const lags = [], highs = [], waits = [];
  for (let turn = 0; turn < 16; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 130 * (turn % 8)));
    const began = performance.now();
    const text = await (await fetch(`http://127.0.0.1:${process.argv[2]}/metrics`)).text();
    if (turn === 0) continue; // The gauge has the value of the scrape before.
    waits.push((performance.now() - began) / 1000);
    lags.push(value(text, 'nodejs_eventloop_lag_seconds'));
    highs.push(value(text, 'nodejs_eventloop_lag_p99_seconds'));
  }
  const version = require('prom-client/package.json').version;
  console.log(`prom-client ${version}, ${lags.length} scrapes, the loop blocked for 0.9 s of each second`);
  console.log('nodejs_eventloop_lag_seconds', lags.map((lag) => lag.toFixed(3)).join(' '));
  console.log(`medians: that gauge ${median(lags).toFixed(3)} s, a scrape took ${median(waits).toFixed(3)} s; longest p99 ${Math.max(...highs).toFixed(3)} s`);
  process.exit(median(lags) < 0.1 && Math.max(...highs) > 0.8 && median(waits) > 0.2 ? 0 : 1);
})();
JS
node scrape.js "$(cat port)"
