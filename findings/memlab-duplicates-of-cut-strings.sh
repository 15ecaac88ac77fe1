#!/usr/bin/env bash
# memlab and the filter of DevTools call 300 different pages of HTML duplicates of one.
#
# V8 writes the first 1,024 characters of each string into a heap snapshot, and nothing that shows that there were more.
# `memlab analyze string` "finds duplicated string instances in heap" by comparing these texts, and so does the
# filter "Duplicated strings" of DevTools' memory panel, whose code heap-snapshot-toolkit has for Node. Pages with one head
# and JSON with one beginning are longer than that, and differ behind it. Here a service keeps 300 pages, all
# different, of 15,000 characters each: memlab reports that 93 % of the bytes of all strings are duplicates, and names
# the page with 300 copies. The texts of 16 modules of Node's own, which begin with one licence, are duplicates too. With
# V8's option --heap-snapshot-string-limit, which `node --help` does not have, both are right.
#
# Seen with memlab 2.0.5 (@memlab/heap-analysis), heap-snapshot-toolkit 1.1.3 on Node 20. Exit code 0: still so.
# 1: the behaviour changed.
# Users meet it when they look for memory that a cache could share.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @memlab/heap-analysis@2.0.5 heap-snapshot-toolkit@1.1.3
cat >service.js <<'JS'
const head = `<!doctype html><head>${'<link rel="stylesheet" href="/styles/main.css">'.repeat(30)}</head><body>`;
class Page {
  constructor(customer) {
    const rows = Array.from({ length: 400 }, (_, row) => `<p>Order ${customer * 1000 + row} of customer ${customer}</p>`);
    // A Buffer makes one flat string of the parts.
    this.html = Buffer.from(`${head}${rows.join('')}</body>`).toString('latin1');
  }
}
globalThis.pages = Array.from({ length: 300 }, (_, customer) => new Page(customer));
console.log(`${process.execArgv.join(' ') || 'default'}: ${pages.length} pages, ${new Set(pages.map(({ html }) => html)).size} different`);
require('node:v8').writeHeapSnapshot(process.argv[2]);
JS
cat >duplicates.mjs <<'JS'
import { createReadStream, readFileSync, writeFileSync } from 'node:fs';
import heapAnalysis from '@memlab/heap-analysis';
import { parse } from 'heap-snapshot-toolkit';
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
const results = {};
for (const file of ['default', 'whole']) {
  const analysis = new heapAnalysis.StringAnalysis();
  await analysis.analyzeSnapshotFromFile(`${file}.heapsnapshot`, { workDir: 'memlab' });
  const top = analysis.getTopDuplicatedStringsInCount();
  const snapshot = await parse(createReadStream(`${file}.heapsnapshot`, 'utf8'));
  const strings = Object.values(snapshot.aggregatesWithFilter({ filterName: 'duplicatedStrings' })).find(({ name }) => name === '(string)');
  const of = (start) => top.find(({ str }) => str.startsWith(start)) ?? { n: 0, size: 0 };
  results[file] = { pages: of('<!doctype').n, bytes: of('<!doctype').size, modules: of('// Copyright').n, devtools: strings.self };
}
writeFileSync('results.json', JSON.stringify({ versions: `@memlab/heap-analysis ${version('@memlab/heap-analysis')}, heap-snapshot-toolkit ${version('heap-snapshot-toolkit')}`, ...results }));
JS
cat >compare.js <<'JS'
const { versions, ...results } = JSON.parse(require('node:fs').readFileSync('results.json', 'utf8'));
console.log(`${versions}, node ${process.version}`);
for (const [file, { pages, bytes, modules, devtools }] of Object.entries(results)) {
  console.log(`${file}: memlab has ${pages} copies of a page (${bytes} bytes), ${modules} of a module of Node; DevTools has duplicated strings of ${devtools} bytes`);
}
const { default: cut, whole } = results;
process.exit(cut.pages === 300 && cut.bytes > 4e6 && cut.devtools > 4e6 && whole.pages === 0 && whole.devtools < 1e6 ? 0 : 1);
JS
node service.js default.heapsnapshot
node --heap-snapshot-string-limit=1000000 service.js whole.heapsnapshot
node duplicates.mjs >memlab.txt 2>&1
node compare.js
