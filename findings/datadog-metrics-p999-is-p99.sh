#!/usr/bin/env bash
# datadog-metrics reports the 99.9th percentile under the name of the 99th.
#
# A histogram takes a list of percentiles. The name of each metric is the percentile without its fraction:
# 0.999 is `.99percentile`, as 0.99 is, and 0.975 is `.97percentile`. With both 0.99 and 0.999 in the list one
# metric gets two values for the same second, of which Datadog keeps one. Some whole ones lose a hundredth in
# the multiplication: 0.57 and 0.58 are `.56percentile` and `.57percentile`. Here 1,000 answers take 10 ms, twelve of them
# 200 ms and three 5 s: a p99.9 of 5 s is in the place of a p99 of 200 ms.
#
# Seen with datadog-metrics 0.12.1 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they watch the tail of a route.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts datadog-metrics@0.12.1
cat >names.js <<'JS'
const { BufferedMetricsLogger } = require('datadog-metrics');
const series = [];
const reporter = { report: async (metrics) => { series.push(...metrics); } };
const latencies = [...Array(985).fill(10), ...Array(12).fill(200), ...Array(3).fill(5000)];
const named = async (percentiles) => {
  series.length = 0;
  const logger = new BufferedMetricsLogger({ reporter, flushIntervalSeconds: 0 });
  for (const ms of latencies) logger.histogram('route', ms, [], undefined, { percentiles });
  await logger.flush();
  return series.filter(({ metric }) => metric.endsWith('percentile')).map(({ metric, points }) => `${metric} ${points[0][1]}`);
};
(async () => {
  console.log(`datadog-metrics ${require('datadog-metrics/package.json').version}, node ${process.version}`);
  const seen = [];
  for (const percentiles of [[0.99], [0.999], [0.99, 0.999], [0.975], [0.57, 0.58]]) {
    const names = await named(percentiles);
    seen.push(names.join());
    console.log(`percentiles ${percentiles}: ${names.join(', ')}`);
  }
  const expected = ['route.99percentile 200', 'route.99percentile 5000', 'route.99percentile 200,route.99percentile 5000', 'route.97percentile 10', 'route.56percentile 10,route.57percentile 10'];
  process.exit(seen.join(' ; ') === expected.join(' ; ') ? 0 : 1);
})();
JS
node names.js
