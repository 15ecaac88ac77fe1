#!/usr/bin/env bash
# A differential graph of d3-flame-graph paints a function red whose time did not change.
#
# With `computeDelta(true)` the package adds up the differences of a function and of all that it calls, which is what
# its colour stands for. `differentialColorMapper` takes that sum as `d.delta || d.data.delta`. A sum of
# 0 counts as missing there, and the function's own difference is used. V8 inlines a callee in one run and
# not in the other: 200 samples move from `escape` to `render`, which calls it, and `render` with
# its callees has as many as before. It is painted as if it had become slower by a third. A sum of 1
# leaves it nearly grey, as it should be for 0.
#
# Seen with d3-flame-graph 5.0.0 (in jsdom 26.1.0) on Node 20.20.2. Exit code 0: still so. 1: it changed.
# Users meet it in comparisons of two builds of a service, where the sum is 0 for what did not change.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund d3-flame-graph@5.0.0 d3-selection@3.0.0 jsdom@26.1.0
cat >draw.js <<'JS'
const { readFileSync } = require('node:fs');
const { JSDOM } = require('jsdom');
const { window } = new JSDOM('<div id="zero"></div><div id="one"></div>');
Object.assign(globalThis, { window, document: window.document });
const { colorMapper, default: flamegraph } = require('./node_modules/d3-flame-graph/dist/d3-flamegraph.umd.js');
const { select } = require('d3-selection');
// A value is that of a function with its callees, after the change; a delta is that of the function alone.
function draw(id, escape) {
  const render = { name: 'render', value: 600, delta: 200, children: [{ name: 'escape', value: 100, delta: escape }] };
  const query = { name: 'query', value: 400, delta: 0 };
  const tree = { name: 'all', value: 1000, delta: 0, children: [render, query] };
  const chart = flamegraph().transitionDuration(0).computeDelta(true).setColorMapper(colorMapper.differentialColorMapper);
  select(document.getElementById(id)).datum(tree).call(chart);
}
draw('zero', -200);
draw('one', -199);
const { version } = JSON.parse(readFileSync('node_modules/d3-flame-graph/package.json', 'utf8'));
console.log(`d3-flame-graph ${version}, node ${process.version}`);
let tries = 300;
const timer = setInterval(() => {
  const boxes = [...document.querySelectorAll('g.frame rect')];
  const painted = boxes.length === 8 && boxes.every((box) => box.getAttribute('fill'));
  if (!painted && --tries > 0) return;
  clearInterval(timer);
  const seen = {};
  for (const id of ['zero', 'one']) {
    seen[id] = {};
    for (const box of document.querySelectorAll(`#${id} g.frame`)) {
      const { data, delta } = box.__data__;
      const colour = box.querySelector('rect').getAttribute('fill');
      seen[id][data.name] = { colour, delta };
      console.log(`sum of ${id}: ${data.name}, own difference ${data.delta}, sum ${delta}: ${colour}`);
    }
  }
  const redness = (box) => { const [red, green] = box.colour.match(/\d+/g).map(Number); return red - green; };
  const { zero, one } = seen;
  const holds = zero.render.delta === 0 && redness(zero.render) > 50 && redness(zero.query) === 0;
  process.exit(holds && one.render.delta === 1 && Math.abs(redness(one.render)) < 20 ? 0 : 1);
}, 100);
JS
node draw.js
