#!/usr/bin/env bash
# autocannon's latencies are half as long as they were once a rate is set.
#
# With --overallRate (-R) or --connectionRate autocannon corrects its latencies for requests
# that a slow answer kept from being sent: an answer that took longer than the distance of two
# requests adds answers that took one, two, three distances less. The distance is meant to be
# 1 / rate, but that is seconds, rounded up to 1, where the histogram counts milliseconds: the
# distance is always 1 ms. So each answer of 100 ms adds 99 that nobody measured, of 99, 98,
# ... 1 ms. The server here answers in 100 ms, ten connections are more than enough for the
# rate, no request is late, and the median is 50 ms and the shortest answer 1 ms.
# `latency.totalCount` gives it away: it is a hundred times the number of answers.
# With --ignoreCoordinatedOmission the latencies are those that were measured.
#
# Seen with autocannon 9.0.0 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they hold a constant rate, the usual way to compare two builds.
set -euo pipefail
scratch=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund autocannon@9.0.0
cat >server.js <<'JS'
require('http')
  .createServer((req, res) => setTimeout(() => res.end('ok'), 100))
  .listen(0, '127.0.0.1', function () { console.log(this.address().port); });
JS
node server.js >port &
server=$!
until [[ -s port ]]; do sleep 0.1; done
cat >load.js <<'JS'
const autocannon = require('autocannon');
const load = async (options) => {
  const url = `http://127.0.0.1:${process.argv[2]}`;
  const { latency, requests } = await autocannon({ url, connections: 10, overallRate: 20, duration: 5, ...options });
  const { min, p50, average, max, totalCount } = latency;
  console.log(JSON.stringify(options), JSON.stringify({ answers: requests.total, totalCount, min, p50, average, max }));
  return { ...latency, answers: requests.total };
};
(async () => {
  console.log('autocannon', require('autocannon/package.json').version, 'answers of 100 ms, 20 requests a second');
  const corrected = await load({});
  const measured = await load({ ignoreCoordinatedOmission: true });
  const holds = corrected.min <= 2 && corrected.p50 < 0.7 * measured.p50 && measured.min >= 98 &&
    corrected.totalCount > 50 * corrected.answers && measured.totalCount === measured.answers;
  process.exit(holds ? 0 : 1);
})();
JS
node load.js "$(cat port)"
echo 'with a rate, most of the latencies were never measured'
