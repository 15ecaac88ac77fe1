#!/usr/bin/env bash
# benchmarkify measures thirty times too few calls a second once a minimum number of samples is asked for.
#
# `minSamples` is the "Minimum samples" of a test; the default is 0, "not used". A minimum should change nothing for a fast
# function, which has millions of samples in the time of the test. But the number also becomes the length of a round: instead of
# 1,000 calls, benchmarkify makes 5 calls, looks at the clock, and waits for `setImmediate`, all of it inside of the measured
# time. Here `short` does 50 million calls a second by default and 1.4 million with `minSamples: 5`; `long`, which
# has far more to do, hardly changes. So the one is more than 300 times as fast as the other by default, and 12 times with the
# minimum. With `cycles: 1000` beside it, the numbers are those of before.
#
# Seen with benchmarkify 4.0.0 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they want a surer result of a benchmark: two versions of fast code look alike.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts benchmarkify@4.0.0
cat >compare.js <<'JS'
const Benchmarkify = require('benchmarkify');
const logger = { log() {}, info() {}, warn() {}, error: console.error };
let hash = 7;
const short = () => (hash = (hash * 31 + 1) | 0);
const long = () => {
  for (let at = 0; at < 400; at++) hash = (hash * 31 + at) | 0;
  return hash;
};
const run = async (options) => {
  const benchmark = new Benchmarkify('hashes', { logger, spinner: false, drawChart: false });
  const suite = benchmark.createSuite('hashes', { time: 700, ...options }).ref('short', short);
  suite.add('long', long);
  const { tests } = (await benchmark.run([suite])).suites[0];
  const [fast, slow] = tests.map((test) => test.stat);
  const ratio = fast.rps / slow.rps;
  const rates = [fast, slow].map((stat) => `${Math.round(stat.rps).toLocaleString('en')} calls a second (${stat.count.toLocaleString('en')} samples in ${stat.cycle} rounds)`);
  console.log(`${JSON.stringify(options)}: short ${rates[0]}, long ${rates[1]}: ${ratio.toFixed(0)} times`);
  return { fast: fast.rps, slow: slow.rps, ratio, samples: Math.min(fast.count, slow.count) };
};
(async () => {
  await run({});
  const [plain, minimum, cycles] = [await run({}), await run({ minSamples: 5 }), await run({ minSamples: 5, cycles: 1000 })];
  const slower = plain.fast > 8 * minimum.fast && plain.ratio > 4 * minimum.ratio;
  const same = cycles.fast > 4 * minimum.fast && cycles.ratio > 2.5 * minimum.ratio;
  process.exit(slower && same && plain.samples > 1000 ? 0 : 1);
})();
JS
echo "benchmarkify $(node -p "require('benchmarkify/package.json').version"), node $(node --version)"
node compare.js
