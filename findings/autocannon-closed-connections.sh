#!/usr/bin/env bash
# autocannon counts requests whose connection is closed without an answer nowhere.
#
# A server or a proxy that is overloaded or restarting closes connections. autocannon's
# result then has errors 0, resets 0 and requests.total 0, as if nothing had been sent
# (connections that end with a reset packet do count as errors); only
# requests.sent shows that thousands of requests got no answer. A script that computes an
# error rate from errors / requests.total finds none.
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
require('net')
  .createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.destroy());
  })
  .listen(0, '127.0.0.1', function () { console.log(this.address().port); });
JS
node server.js >port &
server=$!
until [[ -s port ]]; do sleep 0.1; done
node -e "
const autocannon = require('autocannon');
autocannon({ url: 'http://127.0.0.1:' + process.argv[1], connections: 2, duration: 2 }, (error, r) => {
  if (error) throw error;
  const seen = { sent: r.requests.sent, total: r.requests.total, errors: r.errors, resets: r.resets };
  console.log('autocannon', require('autocannon/package.json').version, JSON.stringify(seen));
  process.exit(r.requests.sent > 100 && r.requests.total === 0 && r.errors === 0 ? 0 : 1);
});" "$(cat port)"
echo 'no request got an answer, and the result counts none of them as an error'
