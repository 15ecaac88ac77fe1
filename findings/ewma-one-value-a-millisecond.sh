#!/usr/bin/env bash
# npm's ewma has a moving average of 1 ms for durations of which nine in ten are 100 ms.
#
# The README has "the exponential weighted moving average of a series of values", weighted by "the clock difference
# between this value and the last time `insert` was called". The clock is `Date`, which counts whole milliseconds. A
# value in the millisecond of the value before it has a difference of 0 and therefore the weight 0: it is not in the
# average at all, and nothing says so. A service that answers ten requests in each millisecond loses nine of ten values,
# and after a block of the event loop, when many answers come at once, all but one. Whether the lost ones are long or
# short depends on their order. With one value a millisecond, the average is right.
#
# Seen with ewma 2.0.1 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they weigh servers, or refuse requests, by the recent latency: under load most latencies are not in it.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --prefer-offline --ignore-scripts ewma@2.0.1
cat >average.js <<'JS'
const EWMA = require('ewma');
const HALF_LIFE_MS = 100;
const batch = [1, 100, 100, 100, 100, 100, 100, 100, 100, 100];
console.log(`ewma ${require('ewma/package.json').version}, node ${process.version}`);
// The option `clock` of the package takes the place of Date.
const average = (stepMs) => {
  let now = 1_000_000;
  const ewma = new EWMA(HALF_LIFE_MS, undefined, { now: () => now });
  for (let at = 0; at < 2000; at++) {
    for (const value of batch) { ewma.insert(value); now += stepMs; }
    if (stepMs === 0) now += 1;
  }
  return ewma.value();
};
const together = average(0);
const apart = average(1);
// Date itself: the first value of each batch comes at the start of a millisecond.
const real = new EWMA(HALF_LIFE_MS);
for (let at = 0; at < 500; at++) {
  for (const before = Date.now(); Date.now() === before;);
  for (const value of batch) real.insert(value);
}
console.log(`the mean is 90.1; ten values in one millisecond: ${together.toFixed(2)}, with Date ${real.value().toFixed(2)}; one value a millisecond: ${apart.toFixed(2)}`);
process.exit(together < 1.01 && real.value() < 45 && apart > 85 && apart < 95 ? 0 : 1);
JS
node average.js
