#!/usr/bin/env bash
# Bun's report of a heap has a type that retains 37 GB in a heap of 3 MB.
#
# `bun --heap-prof-md` writes a table "Top 50 Types by Retained Size". The retained size of a type is the sum over
# its objects, and an object that is held by another one of its type is in the sum of both. In a list of 50,000
# entries, each of which holds the next one, the last entry counts 50,000 times. Queues, LRU caches and trees are
# such lists. The order of the table, in which one looks for a leak, is that of these sums. The head of the same
# report has the size of the whole heap, which no object retains more than. Here the same values are held by an
# array too, in as many objects of another class: they have a row with 1.5 MB.
#
# Seen with Bun 1.4.5. Exit code 0: still so. 1: the behaviour changed. Users meet it when they look for what
# fills the memory of a service after a load test.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --foreground-scripts bun@1.4.5
cat >service.mjs <<'JS'
class Entry {
  constructor(value, next) {
    this.value = value;
    this.next = next;
  }
}
class Item {
  constructor(value) {
    this.value = value;
    this.next = null;
  }
}
let list = null;
for (let at = 0; at < 50000; at++) list = new Entry(at, list);
globalThis.list = list;
globalThis.array = Array.from({ length: 50000 }, (_, at) => new Item(at));
JS
node_modules/.bin/bun --heap-prof-md --heap-prof-dir=profiles service.mjs >/dev/null 2>&1
cat >compare.js <<'JS'
const { readFileSync, readdirSync } = require('node:fs');
const report = readFileSync(`profiles/${readdirSync('profiles')[0]}`, 'utf8');
const units = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9 };
const bytes = (text) => Number(text.split(' ')[0]) * units[text.split(' ')[1]];
const [, all] = /\| Total Heap Size \| [\d.]+ \w+ \((\d+) bytes\) \|/.exec(report);
const row = (name) => new RegExp(`^\\| \\d+ \\| \`${name}\` \\| (\\d+) \\| ([^|]+) \\| ([^|]+) \\|`, 'm').exec(report).slice(1);
console.log(`the heap: ${(all / 1e6).toFixed(1)} MB`);
const found = {};
for (const name of ['Entry', 'Item']) {
  const [count, self, retained] = row(name);
  console.log(`${name}: ${count} objects, self size ${self}, retained size ${retained}`);
  found[name] = { count: Number(count), retained: bytes(retained) };
}
const holds = found.Entry.count === 50000 && found.Entry.retained > 1000 * all && found.Item.count === 50000 && found.Item.retained < all;
process.exit(holds ? 0 : 1);
JS
echo "bun $(node_modules/.bin/bun --version)"
node compare.js
