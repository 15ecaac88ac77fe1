#!/usr/bin/env bash
# The 99.9th percentile of 1,000 requests is the longest one in npm's percentile.
#
# The package takes the value of rank ceil(length * (p / 100)), the "nearest rank". Nearest rank of
# 99.9 among 1,000 is 999: 999 of 1,000 requests are at most that long. But 99.9 / 100 is
# 0.9990000000000001 in a number of JavaScript, times 1,000 a little more than 999, and rounded up
# 1,000. The same is so for each whole thousand of requests up to 10,000, and for the 7th, 14th, 28th, 55th
# and 56th percentile of 100. The product first, length * p / 100, has no such error here:
# stats-percentile computes that, and finds the right request. One request that hung for 30 s
# makes the percentile 30 s, where it is 20 ms.
#
# Seen with percentile 1.6.0 and stats-percentile 3.3.0 on Node 20. Exit code 0: still so. 1: it changed.
# Users meet it when they compute the p99.9 of a load test of a round number of requests.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts percentile@1.6.0 stats-percentile@3.3.0
cat >compare.mjs <<'JS'
import { readFileSync } from 'node:fs';
import percentile from 'percentile';
import other from 'stats-percentile';
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
console.log(`percentile ${version('percentile')}, stats-percentile ${version('stats-percentile')}, node ${process.version}`);
// Ranks are counted in whole tenths of a percent, so that no fraction is rounded.
const rank = (p, length) => Math.ceil((Math.round(p * 10) * length) / 1000);
const upTo = (length) => Array.from({ length }, (_, at) => at + 1);
const requests = [...Array(999).fill(20), 30_000];
const [p99, p999, other999] = [percentile(99, requests), percentile(99.9, requests), other(requests, 99.9)];
console.log(`999 requests of 20 ms and one of 30,000 ms: p99 ${p99}, p99.9 ${p999}; p99.9 of stats-percentile ${other999}`);
const lengths = upTo(10).map((thousands) => thousands * 1000);
const wrong = lengths.filter((length) => percentile(99.9, upTo(length)) === rank(99.9, length) + 1);
console.log(`p99.9 is one rank too high for ${wrong.length} of ${lengths.length} lengths: ${wrong.join(', ')}`);
const ofHundred = upTo(99).filter((p) => percentile(p, upTo(100)) !== p);
const otherWrong = [...upTo(99).filter((p) => other(upTo(100), p) !== p), ...lengths.filter((length) => other(upTo(length), 99.9) !== rank(99.9, length))];
console.log(`percentiles of 1 to 100 that are not themselves: ${ofHundred.join(', ')}; of stats-percentile: ${otherWrong.length}`);
const still = p99 === 20 && p999 === 30_000 && other999 === 20 && wrong.length === 10 && ofHundred.length === 5 && otherWrong.length === 0;
process.exit(still ? 0 : 1);
JS
node compare.mjs
