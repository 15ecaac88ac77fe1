#!/usr/bin/env bash
# flamebearer drops a process of a Chrome trace, and gives its samples to functions of another one.
#
# A trace has the profiles of several processes: pages, frames of other sites, service workers. V8 numbers the profiles of each
# process from 1, so the first one has the id 0x1 in each. DevTools keeps them apart by process and id. flamebearer takes the id
# alone: the second process replaces the first one, and later samples of both are added to it, with node numbers that mean other
# functions there. Here `parse` of process 100 has 300 ms and `render` of process 200 has 100 ms. The report has one
# thread, that of process 200, with 400 ms of `render`. Neither `parse` nor its process appears, and there is no message. With
# the id of one process changed to 0x2, and nothing else, both threads and both times are right.
#
# Seen with flamebearer 2.1.0 on Node 24.11.1. Exit code 0: still so. 1: the behaviour changed.
# Users meet it with traces of pages with frames or a service worker, and of servers that write one trace for all workers.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund node@24.11.1 flamebearer@2.1.0
cat >trace.mjs <<'JS'
import { writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
// Both processes have the form of Chrome's events: a name, a start, and chunks of ten samples, 1 ms apart.
const frame = (functionName) => ({ codeType: 'JS', functionName, scriptId: '7', url: `https://shop.example/${functionName}.js`, lineNumber: 2, columnNumber: 8 });
const nodes = (name) => [{ id: 1, callFrame: { codeType: 'other', functionName: '(root)', scriptId: 0 } }, { id: 2, parent: 1, callFrame: frame(name) }];
const events = (pid, id, thread, name, chunks) => [
  { pid, tid: 1, ph: 'M', cat: '__metadata', name: 'thread_name', ts: 0, args: { name: thread } },
  { pid, tid: 1, ph: 'P', cat: 'disabled-by-default-v8.cpu_profiler', name: 'Profile', id, ts: 1000, args: { data: { startTime: 1000 } } },
  ...Array.from({ length: chunks }, (_, at) => ({
    pid, tid: 2, ph: 'P', cat: 'disabled-by-default-v8.cpu_profiler', name: 'ProfileChunk', id, ts: 11000 + at * 10000,
    args: { data: { cpuProfile: { ...(at === 0 ? { nodes: nodes(name) } : {}), samples: Array(10).fill(2) }, timeDeltas: Array(10).fill(1000) } },
  })),
];
const report = (label, ids) => {
  const all = [...events(100, ids[0], 'CrRendererMain', 'parse', 30), ...events(200, ids[1], 'ServiceWorker thread', 'render', 10)];
  writeFileSync('trace.json', JSON.stringify({ traceEvents: all.sort((a, b) => a.ts - b.ts) }));
  const text = execFileSync(process.execPath, ['node_modules/flamebearer/bin/flamebearer', 'trace.json', '--no-color'], { encoding: 'utf8' });
  const threads = [...text.matchAll(/=== (.*) ===/g)].map(([, name]) => name);
  const time = (name) => Number(new RegExp(`([\\d.]+) ms +[\\d.]+% +${name} `).exec(text)?.[1] ?? 0);
  console.log(`${label}: threads ${threads.join(', ')}; parse ${time('parse')} ms, render ${time('render')} ms`);
  return [threads.length, time('parse'), time('render')].join();
};
const [same, other] = [report('ids 0x1 and 0x1', ['0x1', '0x1']), report('ids 0x1 and 0x2', ['0x1', '0x2'])];
process.exit(same === '1,0,400' && other === '2,300,100' ? 0 : 1);
JS
echo "flamebearer $(node -p "require('./node_modules/flamebearer/package.json').version"), node $(npx node --version)"
npx node trace.mjs
