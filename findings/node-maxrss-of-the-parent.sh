#!/usr/bin/env bash
# A small worker of a cluster reports the largest memory of its primary as its own.
#
# `process.resourceUsage().maxRSS` is documented as "the maximum resident set size used", and comes from
# getrusage(). Linux keeps that maximum when a process starts another program, and a child begins as a copy of its
# parent. So in a cluster, and for `fork()` and `spawn()`, it begins with what the parent had at that moment, and
# stays there. Here a primary holds 400 MB, and its worker, which needs some 45 MB, reports 400 MB and more.
# `VmHWM` of /proc/self/status is the worker's own largest size, and `process.memoryUsage().rss` its present one.
# A worker that is started before the primary fills its memory reports its own.
#
# Seen with Node 20.20.2 and 24.11.1 (npm's package `node`) on Linux 6. Exit code 0: still so. 1: it changed.
# Users meet it when they size the containers of workers by their peak, or look for a leak in the peaks of
# children.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
cat >service.js <<'JS'
const cluster = require('node:cluster');
const { readFileSync } = require('node:fs');
const HELD_MB = 400;
const sizes = () => ({
  maxRSS: process.resourceUsage().maxRSS / 1024,
  high: Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024,
  rss: process.memoryUsage().rss / 2 ** 20,
});
if (cluster.isPrimary) {
  const worker = () => new Promise((done) => cluster.fork().on('message', done));
  const row = (title, { maxRSS, high, rss }) => console.log(`${title}: maxRSS ${maxRSS.toFixed(0)} MB, VmHWM ${high.toFixed(0)} MB, rss ${rss.toFixed(0)} MB`);
  (async () => {
    console.log(`node ${process.version}`);
    const before = await worker();
    const held = Buffer.alloc(HELD_MB * 2 ** 20, 1);
    const after = await worker();
    row('the primary            ', sizes());
    row('a worker started before', before);
    row(`a worker started after  `, after);
    const own = (one) => one.high < 150 && one.rss < 150;
    const holds = held.length > 0 && own(before) && own(after) && before.maxRSS < 150 && after.maxRSS > HELD_MB * 0.95;
    process.exit(holds ? 0 : 1);
  })();
} else {
  process.send(sizes());
}
JS
for version in 20.20.2 24.11.1; do
  mkdir "$version"
  (cd "$version" && npm init -y >/dev/null && npm install --silent --no-audit --no-fund "node@$version")
  "$version/node_modules/.bin/node" service.js
done
