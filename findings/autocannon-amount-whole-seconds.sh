#!/usr/bin/env bash
# autocannon with --amount ends a test at the next whole second behind the last answer.
#
# autocannon looks once a second (`sampleInt`) whether all requests are answered. `duration`
# and `finish` are those of that look, and `requests.average` is the mean of its whole
# seconds. A test of 1.3 s therefore took 2.1 s in the result, and the rate that one computes
# from it, or reads as the average, is a third below that of the server. Two servers of
# which one is nearly twice as fast can get the same rate.
#
# Seen with autocannon 9.0.0 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it with -a (--amount) in tests of less than a minute.
set -euo pipefail
scratch=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund autocannon@9.0.0
cat >server.js <<'JS'
let first, last;
require('http')
  .createServer((req, res) => {
    if (req.url === '/took') {
      res.end(String((last - first) / 1000));
      return (first = undefined);
    }
    first ??= performance.now();
    setTimeout(() => res.end('ok', () => (last = performance.now())), 20);
  })
  .listen(0, '127.0.0.1', function () { console.log(this.address().port); });
JS
node server.js >port &
server=$!
until [[ -s port ]]; do sleep 0.1; done
cat >load.js <<'JS'
const autocannon = require('autocannon');
const url = `http://127.0.0.1:${process.argv[2]}`;
(async () => {
  console.log('autocannon', require('autocannon/package.json').version);
  let still = true;
  for (const amount of [40, 400]) {
    const { requests, duration } = await autocannon({ url, connections: 8, amount });
    const took = Number(await (await fetch(`${url}/took`)).text());
    const rate = (requests.total / took).toFixed(1);
    const told = (requests.total / duration).toFixed(1);
    console.log(
      `${amount} requests: the server answered them in ${took.toFixed(2)} s, ${rate} a second; ` +
        `duration ${duration} s, ${told} a second, requests.average ${requests.average}`,
    );
    still &&= duration >= took;
    // Forty requests take 0.1 s, and up to 0.6 s on a busy machine.
    still &&= amount > 40 || (duration >= 1 && duration > 1.5 * took);
  }
  process.exit(still ? 0 : 1);
})();
JS
node load.js "$(cat port)"
