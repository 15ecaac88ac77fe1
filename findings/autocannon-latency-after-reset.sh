#!/usr/bin/env bash
# autocannon's latencies are many times too long once some connections were reset.
#
# autocannon keeps the starts of its requests in a queue for each connection slot. When a
# connection is reset, it connects again and does not empty that queue, so every later
# answer on the slot is measured from the start of an earlier request. Here each answer
# takes 20 ms, and one request in twenty is reset: the median that autocannon reports is a
# multiple of 20 ms and grows with the length of the test, while throughput is right. A
# server that resets connections under load (a full backlog, a restarting proxy) looks slow.
#
# Seen with autocannon 9.0.0 on Node 20. Exit code 0: still so. 1: the behaviour changed.
set -euo pipefail
scratch=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund autocannon@9.0.0
cat >server.js <<'JS'
let number = 0;
const took = [];
require('http')
  .createServer((req, res) => {
    const began = performance.now();
    if (req.url === '/median') {
      took.sort((a, b) => a - b);
      return res.end(String(took[took.length >> 1]));
    }
    number += 1;
    const reset = number % 20 === 0;
    setTimeout(() => {
      if (reset) return req.socket.resetAndDestroy();
      took.push(performance.now() - began);
      res.end('ok');
    }, 20);
  })
  .listen(0, '127.0.0.1', function () { console.log(this.address().port); });
JS
node server.js >port &
server=$!
until [[ -s port ]]; do sleep 0.1; done
node -e "
const autocannon = require('autocannon');
const url = 'http://127.0.0.1:' + process.argv[1];
autocannon({ url, connections: 8, duration: 6 }, async (error, r) => {
  if (error) throw error;
  const server = Number(await (await fetch(url + '/median')).text());
  const { p50, p99 } = r.latency;
  console.log('autocannon', require('autocannon/package.json').version, JSON.stringify({ errors: r.errors, p50, p99 }));
  console.log('the server took ' + server.toFixed(1) + ' ms at the median');
  process.exit(r.errors > 10 && p50 > 3 * server ? 0 : 1);
});" "$(cat port)"
