#!/usr/bin/env bash
# The sandwich view of Grafana's flame graph has more time for a recursive function than the whole profile.
#
# The view shows a function between all that call it and all that it calls, as one bar with its total. To get the total,
# the package adds the values of all boxes with the name, and a box of a recursive function lies in another one of the
# same function: its time counts once for each level. Here `walk` is on the stack for 0.9 s of a profile of 1 s. Its bar
# has 2.7 s, and the bars of its caller `serve`, which took 1 s, add up to as much. All percentages refer to these 2.7 s,
# so a leaf that took 0.3 s, a third of the time of `walk`, is a ninth. Grafana's table beside the graph has counted each
# sample once since version 12.1.3, so the two numbers on one page disagree. Functions without recursion are right.
#
# Seen with @grafana/flamegraph 13.0.1 (and its @grafana/data) on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they open an exported pprof in Grafana or Pyroscope and look at a serialiser, a parser or a router.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts --legacy-peer-deps @grafana/data@13.0.1 lodash@4.17.21 react@18.3.1 react-dom@18.3.1
npm install --silent --no-audit --no-fund --foreground-scripts --legacy-peer-deps esbuild@0.28.2
# Without its user interface, the package needs nothing else.
npm pack --silent @grafana/flamegraph@13.0.1 >/dev/null
tar xzf grafana-flamegraph-13.0.1.tgz
cat >sandwich.mjs <<'JS'
import { FlameGraphDataContainer } from './package/dist/esm/FlameGraph/dataTransform.mjs';
import { version } from './package/package.json';
// Grafana's nested set, in milliseconds: level, name, total, self. Four levels of walk() take 0.9 s.
const rows = [
  [0, 'total', 1000, 0],
  [1, 'serve', 1000, 100],
  [2, 'walk', 900, 150],
  [3, 'walk', 750, 150],
  [4, 'walk', 600, 150],
  [5, 'walk', 450, 150],
  [6, 'leaf', 300, 300],
];
const column = (at) => rows.map((row) => row[at]);
const field = (name, type, at) => ({ name, type, values: column(at), config: { unit: 'ms' } });
const frame = { length: rows.length, fields: [field('level', 'number', 0), field('label', 'string', 1), field('value', 'number', 2), field('self', 'number', 3)] };
const container = new FlameGraphDataContainer(frame, { collapsing: false });
const named = (levels) => levels.flat().map((item) => [container.getLabel(item.itemIndexes[0]), item.value]);
// The truth: the sum of what each function and those below it took, each sample once.
const truth = (name) => {
  let until = Infinity;
  return rows.reduce((sum, [level, label, total]) => {
    if (level <= until) until = Infinity;
    if (label !== name || until < level) return sum;
    until = level;
    return sum + total;
  }, 0);
};
console.log(`@grafana/flamegraph ${version}, node ${process.version}; the profile has ${rows[0][2]} ms`);
const bars = {};
for (const name of ['walk', 'serve', 'leaf']) {
  const [callers, callees] = container.getSandwichLevels(name);
  const bar = callees[0][0].value;
  bars[name] = { bar, truth: truth(name), serve: named(callers).filter(([label]) => label === 'serve').reduce((sum, [, ms]) => sum + ms, 0), leaf: named(callees).find(([label]) => label === 'leaf')[1] / bar };
  console.log(`${name}: ${bar} ms in the sandwich view, ${truth(name)} ms on the stack; its callers called serve have ${bars[name].serve} ms, leaf is ${(100 * bars[name].leaf).toFixed(1)} % of it`);
}
const right = ['serve', 'leaf'].every((name) => bars[name].bar === bars[name].truth);
const { walk } = bars;
process.exit(right && walk.bar === 2700 && walk.truth === 900 && walk.serve === 2700 && walk.leaf < 0.5 ? 0 : 1);
JS
node_modules/.bin/esbuild sandwich.mjs --bundle --platform=node --log-level=error --outfile=sandwich.cjs
# The package asks `navigator`, which Node 20 does not have, for the language.
echo "globalThis.navigator ??= { language: 'en-GB', languages: ['en-GB'] }; console.info = () => {};" >browser.cjs
node -r ./browser.cjs sandwich.cjs
