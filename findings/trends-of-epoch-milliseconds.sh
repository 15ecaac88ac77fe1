#!/usr/bin/env bash
# d3-regression, regression and mathjs find another trend in the same points when x is a time of the day.
#
# Monitors and load generators write times in milliseconds since 1970, near 1.8e12 now. The three packages
# take the difference of two sums of squares near 3e24, where a number of JavaScript has steps of 5e8.
# The variance of the times of a two-minute test is 1.2e9, so few of its digits remain. Latencies that rise
# on an exact line from 20 to 80 ms get a falling line of d3-regression (54 to 46 ms, r2 below 0), half of
# the slope of regression, and a correlation of 0.7 of mathjs, where 1 is right. In a test of half an hour the
# slope of d3-regression is a tenth too small; how wrong it is depends on the start. With times from
# the start of the test all three are exact. simple-statistics and jStat are exact with both.
#
# Seen with d3-regression 2.2.0, regression 2.0.1, mathjs 15.2.0, simple-statistics 7.12.1 and jstat 1.9.6
# on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they look for the trend of a latency or of the memory over the time of a load test.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts d3-regression@2.2.0 regression@2.0.1 mathjs@15.2.0 simple-statistics@7.12.1 jstat@1.9.6
cat >compare.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { regressionLinear } from 'd3-regression';
import jstat from 'jstat';
import { corr } from 'mathjs';
import regression from 'regression';
import { linearRegression, sampleCorrelation } from 'simple-statistics';
const names = ['d3-regression', 'regression', 'mathjs', 'simple-statistics', 'jstat'];
console.log(names.map((name) => `${name} ${JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version}`).join(', '), `node ${process.version}`);
const began = 1764400000000;
const look = (seconds, start) => {
  const data = Array.from({ length: seconds + 1 }, (_, second) => [start + 1000 * second, 20 + (60 * second) / seconds]);
  const [x, y] = [data.map(([time]) => time), data.map(([, ms]) => ms)];
  // Each slope is the rise in ms within the test: 60 is right. Each correlation should be 1.
  const rise = (slope) => slope * 1000 * seconds;
  const line = regressionLinear()(data);
  const found = {
    d3: rise(line.a),
    r2: line.rSquared,
    regression: rise(regression.linear(data, { precision: 15 }).equation[0]),
    mathjs: corr(x, y),
    simple: rise(linearRegression(data).m),
    simpleCorrelation: sampleCorrelation(x, y),
    jstat: jstat.jStat.corrcoeff(x, y),
  };
  console.log(`${seconds} s from ${start}: d3-regression ${found.d3.toFixed(1)} ms (r2 ${found.r2.toFixed(2)}), regression ${found.regression.toFixed(1)} ms, simple-statistics ${found.simple.toFixed(1)} ms; correlation of mathjs ${found.mathjs.toFixed(3)}, simple-statistics ${found.simpleCorrelation.toFixed(3)}, jstat ${found.jstat.toFixed(3)}`);
  return found;
};
console.log('latencies rise by 60 ms on an exact line');
const short = look(120, began);
const long = look(1800, began);
const own = look(120, 0);
const near = (value, exact) => Math.abs(value - exact) < 1e-3;
const exact = ({ simple, simpleCorrelation, jstat: other }) => near(simple, 60) && near(simpleCorrelation, 1) && near(other, 1);
const still = short.d3 < 0 && short.r2 < 0 && short.regression < 45 && short.mathjs < 0.9 && long.d3 < 57 &&
  [short, long, own].every(exact) && near(own.d3, 60) && near(own.regression, 60) && near(own.mathjs, 1);
process.exit(still ? 0 : 1);
JS
node compare.mjs
