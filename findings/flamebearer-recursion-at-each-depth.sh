#!/usr/bin/env bash
# flamebearer gives a function that calls itself several times the length of the whole recording.
#
# `--stacks NAME` shows the total time of a function. flamebearer adds up the totals of all nodes of the tree with that name.
# A node under another one of the same function is part of its total already, so its time counts once for each depth. Here
# `visit` calls itself through 20 levels and works at the bottom. It is in 981 ms of samples in a recording of 1,040 ms,
# and the report says "total 19624.4 ms 1886.1%". No message appears. The lists of self time are right. The
# control counts each sample once, and flamebearer has the same number for the program with a single level.
#
# Seen with flamebearer 2.1.0 on Node 24.11.1. Exit code 0: still so. 1: the behaviour changed.
# Users meet it with parsers, serializers, `next()` of middlewares, and walks over trees and schemas.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund node@24.11.1 flamebearer@2.1.0
cat >app.js <<'JS'
function work() { const end = Date.now() + 20; let x = 0; while (Date.now() < end) x += Math.sqrt(x + 1); return x; }
function visit(depth) { return depth === 0 ? work() : visit(depth - 1) + 1; }
for (let round = 0; round < 40; round++) visit(Number(process.argv[2]));
JS
npx node --cpu-prof --cpu-prof-name deep.cpuprofile app.js 19
npx node --cpu-prof --cpu-prof-name flat.cpuprofile app.js 0
cat >report.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
const [deep, flat] = ['deep', 'flat'].map((kind) => {
  const profile = JSON.parse(readFileSync(`${kind}.cpuprofile`, 'utf8'));
  const parents = new Map(profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id])));
  const names = new Map(profile.nodes.map((node) => [node.id, node.callFrame.functionName]));
  const has = (id) => id !== undefined && (names.get(id) === 'visit' || has(parents.get(id)));
  const truth = profile.samples.reduce((sum, id, at) => sum + (has(id) ? profile.timeDeltas[at] : 0), 0) / 1000;
  const all = profile.timeDeltas.reduce((sum, delta) => sum + delta, 0) / 1000;
  const options = ['node_modules/flamebearer/bin/flamebearer', `${kind}.cpuprofile`, '--stacks', 'visit', '--no-color'];
  const [, total, percent] = /total ([\d.]+) ms ([\d.]+)%/.exec(execFileSync(process.execPath, options, { encoding: 'utf8' }));
  console.log(`${kind}: recording ${all.toFixed(1)} ms, samples with visit ${truth.toFixed(1)} ms; flamebearer: total ${total} ms, ${percent} %`);
  return { truth, total: Number(total), percent: Number(percent) };
});
process.exit(deep.percent > 500 && deep.total > 8 * deep.truth && Math.abs(flat.total - flat.truth) < 1 ? 0 : 1);
JS
echo "flamebearer $(node -p "require('./node_modules/flamebearer/package.json').version"), node $(npx node --version)"
npx node report.mjs
