#!/usr/bin/env bash
# tinybench's operations a second are many times more than the function did.
#
# tinybench turns the duration of each call into a rate (1 / duration) and takes the mean of the
# rates. A call of 1 ms counts as 1,000 a second and one of 91 ms as 11 a second, although the
# second one took 91 times as long. Here nine calls in ten take 1 ms and the tenth takes 91 ms:
# 100 calls take a second. "Throughput avg (ops/s)" is about 900, and "Throughput med" is 1,000. A
# function with rare long calls (a pause of the garbage collector, a cache that is missed, a page
# that is fetched) therefore wins against one that does more in the same time: a second function,
# of 4 ms in each call, does 250 calls a second, and its throughput in the table is little more
# than a quarter of the first one's. The rate is `1000 / latency.mean`.
#
# Seen with tinybench 6.2.5 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it in tables of `bench.table()`, sorted by operations a second.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund tinybench@6.2.5
cat >bench.mjs <<'JS'
import { createRequire } from 'node:module';
import { Bench } from 'tinybench';
// The durations are given and not measured, as `overriddenDuration` allows, so a slow machine does
// not change them.
let call = 0;
const bench = new Bench({ iterations: 200, time: 0, warmup: false });
bench.add('rare long calls', () => ({ overriddenDuration: ++call % 10 === 0 ? 91 : 1 }));
bench.add('steady calls', () => ({ overriddenDuration: 4 }));
await bench.run();
const version = createRequire(import.meta.url)('./node_modules/tinybench/package.json').version;
console.log(`tinybench ${version}, node ${process.version}`);
console.table(bench.table());
const rates = bench.tasks.map(({ name, result }) => {
  const rate = 1000 / result.latency.mean;
  console.log(`${name}: ${rate.toFixed(0)} calls in a second of calls; throughput.mean ${result.throughput.mean.toFixed(0)}`);
  return { rate, shown: result.throughput.mean };
});
const [rare, steady] = rates;
process.exit(rare.rate < 0.6 * steady.rate && rare.shown > 3 * steady.shown && rare.shown > 5 * rare.rate ? 0 : 1);
JS
node bench.mjs
