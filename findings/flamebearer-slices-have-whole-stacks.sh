#!/usr/bin/env bash
# flamebearer's report of a part of a recording has the stacks of the whole recording.
#
# `--from` and `--to` "slice a time range". The numbers of busy and idle time and the list "Top CPU" are of that range. "Heaviest
# stacks", "Hot lines" and `--stacks` add up the times of the nodes of the tree, and the slice leaves these as they were. The
# stacks are then shares of the busy time of the range, so they exceed 100 %, and they name functions that
# did not run in it. Here `early` works for 0.5 s and `late` for 1 s after it. The report of the time until the last
# sample of `early` has `late` at the top of its stacks with twice the time of the range. The control is a recording with the
# samples after that moment taken away, and its report has `early` alone.
#
# Seen with flamebearer 2.1.0 on Node 24.11.1. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they look at the seconds of a spike: the answer is what is slow on all the other ones.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund node@24.11.1 flamebearer@2.1.0
cat >app.js <<'JS'
const work = (ms) => { const end = Date.now() + ms; let x = 0; while (Date.now() < end) x += Math.sqrt(x + 1); return x; };
function early() { return work(500); }
function late() { return work(1000); }
setTimeout(() => { early(); late(); }, 10);
JS
npx node --cpu-prof --cpu-prof-name whole.cpuprofile app.js
cat >report.mjs <<'JS'
import { readFileSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
const profile = JSON.parse(readFileSync('whole.cpuprofile', 'utf8'));
const parents = new Map(profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id])));
const names = new Map(profile.nodes.map((node) => [node.id, node.callFrame.functionName]));
const has = (id, name) => id !== undefined && (names.get(id) === name || has(parents.get(id), name));
const last = profile.samples.findLastIndex((id) => has(id, 'early'));
const until = profile.timeDeltas.slice(0, last + 1).reduce((sum, delta) => sum + delta, 0) / 1000;
const [samples, timeDeltas] = [profile.samples.slice(0, last + 1), profile.timeDeltas.slice(0, last + 1)];
writeFileSync('cut.cpuprofile', JSON.stringify({ ...profile, samples, timeDeltas }));
const report = (...options) => execFileSync(process.execPath, ['node_modules/flamebearer/bin/flamebearer', ...options, '--no-color'], { encoding: 'utf8' });
const read = (text) => {
  const [stacks, top] = text.split('Heaviest stacks:')[1].split('Top CPU');
  const share = (name) => Number(stacks.split('\n').find((line) => line.includes(name))?.split('%')[0] ?? 0);
  console.log(`${text.split('\n').find((line) => line.startsWith('samples:'))}\nstacks: early ${share('early')} %, late ${share('late')} %`);
  return { early: share('early'), late: share('late'), busy: Number(/busy: ([\d.]+)/.exec(text)[1]), top };
};
console.log(`The range is the first ${until.toFixed(1)} ms, until the last sample of early.`);
const slice = read(report('whole.cpuprofile', '--to', String(until + 0.001)));
const cut = read(report('cut.cpuprofile'));
const total = Number(/total ([\d.]+) ms/.exec(report('whole.cpuprofile', '--to', String(until + 0.001), '--stacks', 'late'))?.[1] ?? 0);
console.log(`--stacks late: ${total} ms of ${slice.busy} ms in which it did not run`);
process.exit(slice.late > 100 && total > slice.busy && cut.late === 0 && cut.early > 50 && Math.abs(cut.busy - slice.busy) < 1 ? 0 : 1);
JS
echo "flamebearer $(node -p "require('./node_modules/flamebearer/package.json').version"), node $(npx node --version)"
npx node report.mjs
