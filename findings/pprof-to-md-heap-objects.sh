#!/usr/bin/env bash
# pprof-to-md ranks a heap profile of Node by the number of objects, and hides what fills the memory.
#
# A profile of pprof has several values for a stack: `pprof`, Google's package for Node, writes `objects` and
# `space`, in this order. pprof-to-md looks for `inuse_space` and `alloc_space`, which are Go's names,
# and takes the first value when there is neither. It writes "% of allocations" without a unit. Here
# one function keeps 40 arrays of 1 MB, and another one 50,000 small objects. The first has nine
# tenths of the bytes, as `go tool pprof` says too. pprof-to-md names the second with 99 %, and
# leaves the first out, as 40 objects are less than its limit of 1 %.
#
# Seen with pprof-to-md 0.2.0, pprof 5.0.0, Node 20.20.2. Exit code 0: still so. 1: it changed. Users meet it
# when they, or an assistant for which the package is made, look for a leak in a service.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund pprof-to-md@0.2.0 pprof@5.0.0
cat >program.js <<'JS'
const { writeFileSync } = require('node:fs');
const { encode, heap } = require('pprof');
heap.start(32 * 1024, 64);
globalThis.kept = [];
function pages() {
  for (let at = 0; at < 40; at++) kept.push(new Array(131_072).fill(at));
}
function rows() {
  for (let at = 0; at < 50_000; at++) kept.push({ at });
}
pages();
rows();
const profile = heap.profile();
const text = (index) => (profile.stringTable.strings ?? profile.stringTable)[index];
const names = new Map(profile.function.map(({ id, name }) => [id, text(name)]));
const places = new Map(profile.location.map(({ id, line }) => [id, names.get(line[0].functionId)]));
const sums = {};
for (const { locationId, value } of profile.sample) {
  for (const name of ['all', places.get(locationId[0])]) {
    sums[name] ??= [0, 0];
    value.forEach((one, at) => { sums[name][at] += Number(one); });
  }
}
const shares = {};
for (const name of ['pages', 'rows']) {
  shares[name] = sums[name].map((one, at) => 100 * one / sums.all[at]);
  console.log(`the file: ${name} has ${shares[name][0].toFixed(1)} % of the objects, ${shares[name][1].toFixed(1)} % of the bytes`);
}
writeFileSync('shares.json', JSON.stringify(shares));
encode(profile).then((data) => writeFileSync('heap.pb.gz', data));
JS
echo "pprof-to-md $(node -p "require('./node_modules/pprof-to-md/package.json').version"), pprof $(node -p "require('pprof/package.json').version"), node $(node --version)"
node program.js
node_modules/.bin/pprof-to-md --type=heap --no-source heap.pb.gz >heap.md
grep -E '^- \*\*|^[0-9]+\. `' heap.md
cat >check.js <<'JS'
const { readFileSync } = require('node:fs');
const shares = JSON.parse(readFileSync('shares.json', 'utf8'));
const report = readFileSync('heap.md', 'utf8');
const [, first, share] = /Primary bottleneck:\*\* `(\w+)` \(\*\*([\d.]+)%/.exec(report);
process.exit(first === 'rows' && Number(share) > 95 && !report.includes('### `pages`') && shares.pages[1] > 70 ? 0 : 1);
JS
node check.js
