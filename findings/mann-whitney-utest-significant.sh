#!/usr/bin/env bash
# mann-whitney-utest finds no difference where one is certain, and one where nothing is known.
#
# `significant(u, samples)` compares the smaller U, a count of pairs, with the absolute value of z, a
# distance in standard deviations, which the package calls the critical value. The two have nothing to
# do with each other. With 100 latencies in each sample U is in the thousands, and z below 13, also for
# a difference whose p is far below 0.0000000001: "not significant" is the answer. One value in each
# sample gives U = 0 and z = 1: "significant", although p is 1 whatever the two values are. (The U values
# themselves are right.) An exact test of the same data is computed here by counting all orders.
#
# Seen with mann-whitney-utest 1.0.5 and @tainakanchu/mann-whitney-utest 1.1.0 on Node 20.
# Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they compare the latencies of two builds in a script.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund mann-whitney-utest@1.0.5 @tainakanchu/mann-whitney-utest@1.1.0
cat >compare.js <<'JS'
// The exact two-sided p for samples without ties: of all orders of the two samples, the share whose
// smaller U is at most this one.
function exact(u, n, m) {
  let ways = Array.from({ length: n + 1 }, () => [1]);
  for (let b = 1; b <= m; b++) {
    const next = [[1]];
    for (let a = 1; a <= n; a++) {
      const row = Array(a * b + 1).fill(0);
      next[a - 1].forEach((count, at) => { row[at + b] += count; });
      ways[a].forEach((count, at) => { row[at] += count; });
      next.push(row);
    }
    ways = next;
  }
  const all = ways[n].reduce((sum, count) => sum + count, 0);
  const tail = ways[n].slice(0, u + 1).reduce((sum, count) => sum + count, 0);
  return Math.min(1, 2 * tail / all);
}
const range = (length, of) => Array.from({ length }, (_, index) => of(index));
const cases = [
  ['one latency each', [[41], [40]]],
  ['two latencies each', [[41, 42], [39, 40]]],
  ['12 latencies each, one build slower', [range(12, (i) => 100 + 10 * i), range(12, (i) => 165 + 10 * i)]],
  ['100 latencies each, one build slower', [range(100, (i) => 100 + 2 * i), range(100, (i) => 199 + 2 * i)]],
  ['100 latencies each, twice as long', [range(100, (i) => 100 + 2 * i), range(100, (i) => 285 + 2 * i)]],
];
const answers = [];
for (const name of ['mann-whitney-utest', '@tainakanchu/mann-whitney-utest']) {
  const test = require(name);
  console.log(`${name} ${require(`${name}/package.json`).version}`);
  for (const [title, samples] of cases) {
    const u = test.test(samples);
    const p = exact(Math.min(...u), samples[0].length, samples[1].length);
    const z = test.criticalValue(u, samples);
    const significant = test.significant(u, samples);
    console.log(`  ${title}: U ${Math.min(...u)}, "critical value" ${z.toFixed(1)}, significant: ${significant}; exact p ${p.toPrecision(1)}`);
    answers.push({ p, significant });
  }
}
const holds = (from) => answers[from].significant && answers[from].p === 1 && answers[from + 1].significant && answers[from + 1].p > 0.3 &&
  [2, 3, 4].every((at) => !answers[from + at].significant && answers[from + at].p < 0.01);
process.exit(holds(0) && holds(5) ? 0 : 1);
JS
node compare.js
