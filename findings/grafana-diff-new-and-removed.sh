#!/usr/bin/env bash
# Grafana's comparison of two profiles calls functions "new" or "removed" that are in both.
#
# The table of a differential flame graph has the share of each function before and after, and their difference in percent.
# The package rounds the two shares to hundredths of a percent, and computes the difference from the rounded ones. A
# share below 0.005 % becomes 0: a function with 4 samples before and 6 after, of 100,000, is "new", with a difference
# of infinity, which sorts above all that really grew, and one with 6 and 4 is "removed". Where both round to the
# same number, there is no difference: 6 and 14 samples, more than twice as many, are 0 %, as are 20 and 22, and
# 4 and 4 are NaN. Most functions of a server's profile are that small. The samples, which the tooltip of the graph
# shows, are exact.
#
# Seen with @grafana/flamegraph 13.0.1 (and its @grafana/data) on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they compare the profiles before and after a change in Grafana or Pyroscope.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts --legacy-peer-deps @grafana/data@13.0.1 lodash@4.17.21 react@18.3.1 react-dom@18.3.1 tinycolor2@1.6.0 d3@7.9.0
npm install --silent --no-audit --no-fund --foreground-scripts --legacy-peer-deps esbuild@0.28.2
npm pack --silent @grafana/flamegraph@13.0.1 >/dev/null
tar xzf grafana-flamegraph-13.0.1.tgz
cat >table.mjs <<'JS'
import { createTheme } from '@grafana/data';
import { FlameGraphDataContainer } from './package/dist/esm/FlameGraph/dataTransform.mjs';
import { buildFilteredTable, buildTableDataFrame } from './package/dist/esm/TopTable/FlameGraphTopTableContainer.mjs';
import { version } from './package/package.json';
// The samples of each function before and after.
const functions = { render: [60000, 60000], query: [39956, 39922], few: [4, 6], fewer: [6, 4], twice: [6, 14], tenth: [20, 22], equal: [4, 4], added: [0, 8], deleted: [4, 0] };
const sum = (at) => Object.values(functions).reduce((total, counts) => total + counts[at], 0);
const rows = [['total', 0, sum(0), sum(1)], ...Object.entries(functions).map(([name, [before, after]]) => [name, 1, before, after])];
const column = (name, type, of) => ({ name, type, values: rows.map(of), config: { unit: 'short' } });
const frame = {
  length: rows.length,
  fields: [
    column('label', 'string', ([name]) => name), column('level', 'number', ([, level]) => level),
    column('value', 'number', ([, , before]) => before), column('self', 'number', ([, level, before]) => level * before),
    column('valueRight', 'number', ([, , , after]) => after), column('selfRight', 'number', ([, level, , after]) => level * after),
  ],
};
const container = new FlameGraphDataContainer(frame, { collapsing: false });
const nothing = () => {};
const table = buildTableDataFrame(container, buildFilteredTable(container), 800, nothing, nothing, nothing, createTheme());
const field = (name) => table.fields.find((one) => one.name === name);
const shown = {};
console.log(`@grafana/flamegraph ${version}, node ${process.version}; ${sum(0)} samples before, ${sum(1)} after`);
for (const [at, name] of field('Symbol').values.entries()) {
  const text = (column) => { const { text, suffix } = field(column).display(field(column).values[at]); return text + (suffix ?? ''); };
  const [, , before, after] = rows[at];
  const truth = before ? `${((100 * (after / sum(1) - before / sum(0))) / (before / sum(0))).toFixed(2)} %` : 'new';
  shown[name] = text('Diff');
  console.log(`${name}: ${before} and ${after} samples, difference of the shares ${truth}; Grafana: ${text('Baseline')}, ${text('Comparison')}, ${shown[name]}`);
}
const right = shown.added === 'new' && shown.query.startsWith('-0.0');
process.exit(right && shown.few === 'new' && shown.fewer === 'removed' && shown.twice === '0%' && shown.tenth === '0%' && shown.equal === 'NaN' ? 0 : 1);
JS
cat >bundle.mjs <<'JS'
import { build } from 'esbuild';
import { readFileSync } from 'node:fs';
// The table without React, which only draws it. The function that fills it is not exported.
const onlyNumbers = { name: 'only-numbers', setup(bundle) {
  bundle.onResolve({ filter: /^(@grafana\/ui|@emotion\/css|react-virtualized-auto-sizer)$/ }, ({ path, importer }) => (importer.includes('/package/dist/') ? { path, namespace: 'drawn' } : undefined));
  bundle.onLoad({ filter: /.*/, namespace: 'drawn' }, () => ({ contents: 'exports.TableCellDisplayMode = {};' }));
  bundle.onLoad({ filter: /FlameGraphTopTableContainer\.mjs$/ }, ({ path }) => ({ contents: `${readFileSync(path, 'utf8')}\nexport { buildTableDataFrame };` }));
} };
await build({ entryPoints: ['table.mjs'], bundle: true, platform: 'node', outfile: 'table.cjs', logLevel: 'error', plugins: [onlyNumbers] });
JS
node bundle.mjs
echo "globalThis.navigator ??= { language: 'en-GB', languages: ['en-GB'] }; globalThis.window = { devicePixelRatio: 1 }; console.info = () => {};" >browser.cjs
node -r ./browser.cjs table.cjs
