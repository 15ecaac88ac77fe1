#!/usr/bin/env bash
# clinic heapprofiler has nothing of what a service allocates while its modules are loaded.
#
# The documentation has "The process sampling is started as soon as the process starts". The package is preloaded, but asks
# for the folder of its result first and starts V8's sampling in the callback. All CommonJS modules are loaded before any
# callback runs: the framework, the configuration, and each table or cache that a module builds. In a service whose
# memory was filled then, the page is nearly empty. Here a module keeps a table of 30 MB, and a timer keeps
# 10 MB of sessions: the page has the sessions alone, as if they were all the memory. `node --heap-prof`, which also
# lists what is left at the end, has both.
#
# Seen with @clinic/heap-profiler 5.0.0 (@nearform/heap-profiler 2.0.0) on Node 20. Exit code 0: still so.
# 1: the behaviour changed.
# Users meet it when they ask why a service needs so much memory.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @clinic/heap-profiler@5.0.0 @nearform/heap-profiler@2.0.0
cat >service.js <<'JS'
const readZone = (number) => ({ number, offsets: Array.from({ length: 100 }, (_, hour) => ({ hour, number })) });
const openSession = (user) => ({ user, rights: Array.from({ length: 100 }, (_, right) => ({ right, user })) });
// The functions stay in use, as in a service.
globalThis.service = { readZone, openSession, zones: [], sessions: [] };
for (let number = 0; number < 6000; number++) service.zones.push(readZone(number));
setTimeout(() => {
  for (let user = 0; user < 2000; user++) service.sessions.push(openSession(user));
}, 500);
JS
cat >profile.js <<'JS'
const { execFileSync } = require('node:child_process');
const { readFileSync } = require('node:fs');
const ClinicHeapProfiler = require('@clinic/heap-profiler');
const { version } = require('@clinic/heap-profiler/package.json');
const source = readFileSync('service.js', 'utf8').split('\n');
// The bytes below each of the two functions, by the line in which a caller's frame begins.
const measure = (file) => {
  const sizes = { readZone: 0, openSession: 0, all: 0 };
  const visit = ({ callFrame, selfSize, children }, inside) => {
    const owner = callFrame.url.endsWith('service.js') && Object.keys(sizes).find((name) => source[callFrame.lineNumber].startsWith(`const ${name} `));
    const below = owner || inside;
    sizes.all += selfSize;
    if (below) sizes[below] += selfSize;
    for (const child of children) visit(child, below);
  };
  visit(JSON.parse(readFileSync(file, 'utf8')).head);
  return Object.fromEntries(Object.entries(sizes).map(([name, bytes]) => [name, bytes / 1e6]));
};
const print = (what, sizes) => console.log(`${what}: ${Object.entries(sizes).map(([name, mb]) => `${name} ${mb.toFixed(1)} MB`).join(', ')}`);
execFileSync(process.execPath, ['--heap-prof', '--heap-prof-name', 'node.heapprofile', '--heap-prof-interval', '32768', 'service.js']);
const node = measure('node.heapprofile');
new ClinicHeapProfiler({ dest: `${__dirname}/.clinic` }).collect([process.execPath, 'service.js'], (error, file) => {
  if (error) throw error;
  const clinic = measure(file);
  console.log(`@clinic/heap-profiler ${version}, node ${process.version}`);
  print('node --heap-prof', node);
  print('clinic heapprofiler', clinic);
  process.exit(node.readZone > 2 * node.openSession && node.openSession > 2 && clinic.readZone === 0 && clinic.openSession > 2 ? 0 : 1);
});
JS
node profile.js
