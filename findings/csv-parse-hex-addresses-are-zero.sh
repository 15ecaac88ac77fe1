#!/usr/bin/env bash
# csv-parse turns every address written as 0x... into the number 0.
#
# With `cast: true` the parser makes numbers of the fields that are numbers. It asks with JavaScript's conversion,
# which reads hexadecimal digits, and takes the value from `parseFloat`, which stops at the x. So 0x7f3a10 is 0, and
# so is each other address. Nothing is thrown. A table of samples with an address for each function has one function
# with all of the time. papaparse with `dynamicTyping` leaves such addresses as text.
#
# Seen with csv-parse 7.0.3 and papaparse 5.7.1 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they add up samples of perf, of a map of symbols or of /proc in a script.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts csv-parse@7.0.3 papaparse@5.7.1
cat >add.js <<'JS'
const { parse } = require('csv-parse/sync');
const Papa = require('papaparse');
const version = (name) => JSON.parse(require('node:fs').readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
const csv = 'address,samples\n0x7f3a10,500\n0x7f3b40,300\n0x55d2c8,150\n0x55d2c8,50\n';
const byAddress = (rows) => {
  const sums = new Map();
  for (const { address, samples } of rows) sums.set(address, (sums.get(address) ?? 0) + samples);
  return sums;
};
const print = (name, sums) => console.log(`${name}: ${[...sums].map(([address, sum]) => `${JSON.stringify(address)} ${sum}`).join(', ')}`);
console.log(`csv-parse ${version('csv-parse')}, papaparse ${version('papaparse')}, node ${process.version}`);
const cast = byAddress(parse(csv, { columns: true, cast: true }));
print('csv-parse, cast: true', cast);
const text = byAddress(parse(csv, { columns: true }).map((row) => ({ ...row, samples: Number(row.samples) })));
print('csv-parse, text', text);
const typed = byAddress(Papa.parse(csv.trim(), { header: true, dynamicTyping: true }).data);
print('papaparse, dynamicTyping', typed);
process.exit(cast.size === 1 && cast.get(0) === 1000 && text.size === 3 && typed.size === 3 ? 0 : 1);
JS
node add.js
