#!/usr/bin/env bash
# The npm package regression fits a flat line to latencies that lie exactly on a rising one.
#
# Its README has "precision: 2" as the default, "the number of significant figures the output is
# rounded to". Two significant figures of a slope of 0.0042 are 0.0042. The package rounds to two
# decimals instead, to 0. It then takes the intercept, the predictions and r2 from the rounded slope:
# the line goes through the mean, r2 is 0, and a latency that grew from 20 to 100 ms is predicted
# as 59.9 ms for each number of requests. An exponent is rounded in the same way, and r2 is below 0.
# `precision: 10` gives the slope, the end of the line and an r2 of 1 from the same points.
#
# Seen with regression 2.0.1 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they fit latency or memory to a number of requests or to a time in milliseconds.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts regression@2.0.1
cat >compare.js <<'JS'
const regression = require('regression');
const { version } = require('regression/package.json');
const requests = Array.from({ length: 20 }, (_, at) => at * 1000);
const line = requests.map((count) => [count, 20 + 0.0042 * count]);
const curve = requests.map((count) => [count, 20 * Math.exp(0.0001 * count)]);
console.log(`regression ${version}, node ${process.version}; ms = 20 + 0.0042 * requests for 0 to 19,000 requests`);
const show = (title, { equation, r2, points }, data) => {
  console.log(`${title}: equation ${JSON.stringify(equation)}, r2 ${r2}, last point ${points.at(-1)[1]} (is ${data.at(-1)[1].toFixed(1)})`);
  return { equation, r2, last: points.at(-1)[1] };
};
const flat = show('linear', regression.linear(line), line);
const exact = show('linear, precision 10', regression.linear(line, { precision: 10 }), line);
const exponential = show('exponential', regression.exponential(curve), curve);
const exactCurve = show('exponential, precision 10', regression.exponential(curve, { precision: 10 }), curve);
const still = flat.equation[0] === 0 && flat.r2 === 0 && Math.abs(flat.last - 59.9) < 0.01 &&
  Math.abs(exact.equation[0] - 0.0042) < 1e-9 && exact.r2 === 1 && Math.abs(exact.last - 99.8) < 0.01 &&
  exponential.equation[1] === 0 && exponential.r2 < 0 && exactCurve.r2 === 1 && Math.abs(exactCurve.equation[1] - 0.0001) < 1e-9;
process.exit(still ? 0 : 1);
JS
node compare.js
