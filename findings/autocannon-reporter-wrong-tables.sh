#!/usr/bin/env bash
# autocannon-reporter shows latencies as requests a second, and requests a second as bytes.
#
# The package makes a page of the JSON of autocannon, or of several to compare. Its table "Requests"
# has the rows of `latency`, and its table "Latency" those of `requests`, both without a unit: so an
# average of 80 in the table "Latency" is the number of requests in a second. The chart "Bandwidth Comparison"
# draws `requests.average` with the unit of bytes, so a build whose answers doubled in size has the
# same bandwidth as before. The bars of 99.9 % and above of "Response Times" are empty, because
# autocannon names them `p99_9` and the page asks for `p999`. Here two servers answer in 50 ms, with
# 100 and with 50,000 bytes.
#
# Seen with autocannon-reporter 0.0.6, autocannon 9.0.0 on Node 20. Exit code 0: still so. 1: it
# changed. Users meet it when they share the page of a load test, or of two builds.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts autocannon@9.0.0 autocannon-reporter@0.0.6
cat >report.js <<'JS'
const http = require('node:http');
const vm = require('node:vm');
const autocannon = require('autocannon');
const page = require('autocannon-reporter/template');
const scripts = require('autocannon-reporter/template/partials/scripts');
const run = async (size) => {
  const server = http.createServer((req, res) => setTimeout(() => res.end('x'.repeat(size)), 50));
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const result = await autocannon({ url: `http://127.0.0.1:${server.address().port}`, connections: 5, duration: 3 });
  server.closeAllConnections();
  server.close();
  return JSON.parse(JSON.stringify(result));
};
(async () => {
  const before = await run(100);
  const after = await run(50000);
  console.log(`autocannon-reporter ${require('autocannon-reporter/package.json').version}, autocannon ${require('autocannon/package.json').version}`);
  for (const [name, { requests, latency, throughput }] of Object.entries({ before, after })) {
    console.log(`${name}: ${requests.average} requests/s, latency ${latency.average} ms, ${throughput.average} bytes/s, p99_9 ${latency.p99_9} ms`);
  }
  // The page is text; its tables are made at once, its charts by its script when it is opened.
  const text = String(page(after, [before]));
  const average = (title) => {
    const table = text.slice(text.indexOf(`<h3>${title}</h3>`)).split('</table>')[0];
    return Number(table.match(/average<\/td>\s*<td>([^<]*)</)[1]);
  };
  const charts = {};
  const keep = (place, { series }) => (charts[place] = JSON.parse(JSON.stringify(series[0] ?? null)));
  vm.runInNewContext(scripts(after, [before]), { Chartist: { Pie: keep, Bar: keep, Line: keep } });
  const bandwidth = charts['.chart-bandwidth-linechart'];
  const bars = charts['.ct-bar'];
  console.log(`page of after: "Requests" average ${average('Requests')}, "Latency" average ${average('Latency')}`);
  console.log('"Bandwidth Comparison", before and after', bandwidth, '"Response Times"', bars);
  const swapped = average('Requests') === after.latency.average && average('Latency') === after.requests.average;
  const bytes = JSON.stringify(bandwidth) === JSON.stringify([before.requests.average, after.requests.average]);
  const empty = after.latency.p99_9 > 0 && bars.slice(6).every((bar) => bar === null);
  process.exit(swapped && bytes && empty && after.throughput.average > 20 * before.throughput.average ? 0 : 1);
})();
JS
node report.js
