#!/usr/bin/env bash
# autocannon's `requests.sent` counts requests that were never sent once a rate is set.
#
# For each connection autocannon counts its first requests before it opens it. With a rate
# it counts as many as the connection may send in a second, not the one that it sends:
# `connections` times the rate of a connection, which is the whole rate, one second's worth
# more than there were. The difference of sent and answered requests, which is the only sign
# of connections that were closed without an answer (autocannon-closed-connections.sh), then
# shows failures on a healthy server: here a quarter of a test that had none.
#
# Seen with autocannon 9.0.0 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it with --overallRate (-R) and --connectionRate when they compute an error rate.
set -euo pipefail
scratch=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund autocannon@9.0.0
cat >server.js <<'JS'
let number = 0;
require('http')
  .createServer((req, res) => {
    if (req.url === '/number') return res.end(String(number));
    number += 1;
    res.end('ok');
  })
  .listen(0, '127.0.0.1', function () { console.log(this.address().port); });
JS
node server.js >port &
server=$!
until [[ -s port ]]; do sleep 0.1; done
cat >load.js <<'JS'
const autocannon = require('autocannon');
const url = `http://127.0.0.1:${process.argv[2]}`;
const number = async () => Number(await (await fetch(`${url}/number`)).text());
const load = async (options) => {
  const before = await number();
  const { requests, errors } = await autocannon({ url, connections: 10, duration: 4, ...options });
  const received = (await number()) - before;
  console.log(JSON.stringify(options), JSON.stringify({ received, sent: requests.sent, answered: requests.total, errors }));
  return requests.sent - received;
};
(async () => {
  console.log('autocannon', require('autocannon/package.json').version, '(received: counted by the server)');
  const free = await load({ amount: 500 });
  const rate = await load({ overallRate: 50 });
  const each = await load({ connectionRate: 20 });
  console.log(`requests in "sent" that no server got: ${free} without a rate, ${rate} at 50 a second, ${each} at 10 times 20`);
  process.exit(free === 0 && rate >= 30 && rate <= 50 && each >= 150 && each <= 200 ? 0 : 1);
})();
JS
node load.js "$(cat port)"
