#!/usr/bin/env bash
# promjs-plus has 8 requests of the route /a where 3 were counted for it, and 5 without a label.
#
# Labels are optional in each call: "Optionally pass in a set of labels to increment only those labels". A call without
# labels takes the first series of the metric, whatever its labels are. When a labelled one came first, the counts
# without labels are added to it, and the series without labels is missing. In the other order, which the README shows,
# both are right. A gauge that is decremented first is 0 in place of -1, and stays one too high: `dec` and `sub` do not
# begin at 0 but set it. prom-client has 3 and 5, and -1.
#
# Seen with promjs-plus 0.5.4 and prom-client 15.1.3 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when one part of a service counts with labels and another one without: the totals of one route are wrong.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --prefer-offline --ignore-scripts promjs-plus@0.5.4 prom-client@15.1.3
cat >count.js <<'JS'
const { readFileSync } = require('node:fs');
const promjs = require('promjs-plus').default;
const client = require('prom-client');
for (const name of ['promjs-plus', 'prom-client']) {
  console.log(`${name} ${JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version}`);
}
const route = { route: '/a' };
const calls = { labelled: (counter) => { for (let at = 0; at < 3; at++) counter.inc(route); }, plain: (counter) => { for (let at = 0; at < 5; at++) counter.inc(); } };
const lines = (text) => text.split('\n').filter((line) => line && !line.startsWith('#')).map((line) => line.trim()).sort().join(' and ');
const plus = (order) => {
  const registry = promjs();
  const counter = registry.create('counter', 'requests');
  const gauge = registry.create('gauge', 'waiting');
  for (const call of order) calls[call](counter);
  gauge.dec();
  return lines(registry.metrics());
};
const other = async (order) => {
  const registry = new client.Registry();
  const options = { help: 'help', registers: [registry] };
  const counter = new client.Counter({ name: 'requests', labelNames: ['route'], ...options });
  const gauge = new client.Gauge({ name: 'waiting', ...options });
  for (const call of order) calls[call](counter);
  gauge.dec();
  return lines(await registry.metrics());
};
(async () => {
  const right = 'requests 5 and requests{route="/a"} 3';
  const seen = {};
  for (const order of [['plain', 'labelled'], ['labelled', 'plain']]) {
    seen[order[0]] = [plus(order), await other(order)];
    console.log(`${order.join(', then ')}: promjs-plus has ${seen[order[0]][0]}; prom-client has ${seen[order[0]][1]}`);
  }
  const expected = {
    plain: [`${right} and waiting 0`, `${right} and waiting -1`],
    labelled: ['requests{route="/a"} 8 and waiting 0', `${right} and waiting -1`],
  };
  process.exit(JSON.stringify(seen) === JSON.stringify(expected) ? 0 : 1);
})();
JS
node count.js
