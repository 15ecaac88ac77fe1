#!/usr/bin/env bash
# bayesian-changepoint never looks at what follows the first 1,000 values, and finds their changes again in the rest.
#
# The package finds the places at which a series changes its level, and cites the method of Adams and MacKay. `exec`
# takes a list of any length and cuts it into chunks of 1,000 values (`chunkSize`, which the README does not name).
# The loop over the chunks reads the first chunk each time, and adds 1,000 to the places for each round. So a latency
# that goes from 10 to 40 ms at value 1,200 of 1,500 is not found. One that rises at 300 and falls back at 600
# of 2,400 values is found at 300 and 600, and also at 1600 and 2600, where nothing changed and where there are
# no values at all. With a `chunkSize` as long as the list the same values give 1200, and 300 and 600.
#
# Seen with bayesian-changepoint 1.0.1 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they search a load test of one value a second, 17 minutes or longer, for its limit, or a year of
# benchmark results for regressions.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts bayesian-changepoint@1.0.1
cat >changes.js <<'JS'
const { default: BayesianChangePoint } = require('bayesian-changepoint');
console.log(`bayesian-changepoint ${require('bayesian-changepoint/package.json').version}, node ${process.version}`);
// Latencies scatter by about half a millisecond around their level.
let state = 1;
const random = () => (state = (state * 16807) % 2147483647) / 2147483647;
const latencies = (length, level) => Array.from({ length }, (_, at) => level(at) + random() + random() + random() - 1.5);
const find = (values, options) => {
  const detection = new BayesianChangePoint({ breakpointVerifier: (next, last) => Math.abs(next.data - last.data) >= 5, ...options });
  detection.exec(values);
  return detection.breakPoints().map(({ index }) => index);
};
const look = (title, values) => {
  const found = [find(values), find(values, { chunkSize: values.length })];
  console.log(`${title}: found at [${found[0]}], with one chunk at [${found[1]}]`);
  return found.map(String);
};
const short = look('800 values, a change at 400', latencies(800, (at) => (at < 400 ? 10 : 40)));
const late = look('1,500 values, a change at 1200', latencies(1500, (at) => (at < 1200 ? 10 : 40)));
const early = look('2,400 values, changes at 300 and 600', latencies(2400, (at) => (at >= 300 && at < 600 ? 40 : 10)));
const right = short.every((found) => found === '400') && late[1] === '1200' && early[1] === '300,600';
const wrong = late[0] === '' && early[0] === '300,600,1600,2600';
process.exit(right && wrong ? 0 : 1);
JS
node changes.js
