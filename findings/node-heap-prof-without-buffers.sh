#!/usr/bin/env bash
# A heap profile of Node has nothing of 60 MiB that a function keeps in Buffers.
#
# `node --heap-prof`, the inspector's HeapProfiler and the pprof packages sample what V8 allocates in its own heap. The
# memory of a Buffer is outside: the profile has no
# sample for it, and no function that made it. It does not say that anything is missing, and DevTools shows shares of what
# is left as if they were shares of all. A heap snapshot of the same process, from `v8.writeHeapSnapshot()`, has the
# Buffers' memory in nodes named `system / JSArrayBufferData`. Arrays of numbers are in the profile, at their full size.
#
# Seen with Node 20.20.2; 26.10.0 does the same. Exit code 0: still so. 1: it changed.
# Users meet it when they look for a leak in a service that keeps bodies, files or images.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
cat >service.js <<'JS'
const kept = [];
function keepBodies() { for (let at = 0; at < 60; at++) kept.push(Buffer.alloc(1 << 20, 1)); }
function keepNumbers() { for (let at = 0; at < 100; at++) kept.push(new Array(1 << 14).fill(at + 0.5)); }
globalThis.kept = kept;
keepBodies();
keepNumbers();
const { arrayBuffers, heapUsed } = process.memoryUsage();
console.log(`the process: ${Math.round(arrayBuffers / 2 ** 20)} MiB of Buffers, ${Math.round(heapUsed / 2 ** 20)} MiB in V8's heap`);
require('node:v8').writeHeapSnapshot('all.heapsnapshot');
JS
cat >check.js <<'JS'
const { readFileSync } = require('node:fs');
const MiB = 2 ** 20;
const sizes = { keepBodies: 0, keepNumbers: 0 };
const walk = (node, owner) => {
  const name = node.callFrame.functionName in sizes ? node.callFrame.functionName : owner;
  if (name) sizes[name] += node.selfSize;
  for (const child of node.children) walk(child, name);
};
walk(JSON.parse(readFileSync('sampled.heapprofile', 'utf8')).head);
const { snapshot, nodes, strings } = JSON.parse(readFileSync('all.heapsnapshot', 'utf8'));
const fields = snapshot.meta.node_fields;
let data = 0;
for (let at = 0; at < nodes.length; at += fields.length) {
  if (strings[nodes[at + fields.indexOf('name')]] === 'system / JSArrayBufferData') data += nodes[at + fields.indexOf('self_size')];
}
for (const name in sizes) console.log(`the profile: ${(sizes[name] / MiB).toFixed(1)} MiB in ${name}`);
console.log(`the snapshot: ${(data / MiB).toFixed(0)} MiB of data of Buffers`);
process.exit(sizes.keepBodies < 2 * MiB && sizes.keepNumbers > 6 * MiB && sizes.keepNumbers < 24 * MiB && data >= 60 * MiB ? 0 : 1);
JS
echo "node $(node --version)"
node --heap-prof --heap-prof-name=sampled.heapprofile service.js
node check.js
