#!/usr/bin/env bash
# multi-stage-sourcemap maps the lines of users.js into the source of orders.js.
#
# `transfer({ fromSourceMap, toSourceMap })` joins the map of a bundle with the map of a file in it. The example of a
# `rawSourceMap` in the README has two sources. The package looks up the line and the column of each mapping in the
# second map, and never the name of the source. So a mapping of any other file of the bundle gets what stands at the
# same place of the compiled file: another file, another line and no message. Here orders.js was compiled and has a map,
# users.js was written as it is. `listUsers` becomes a line of orders.src.js. @jridgewell/remapping, given the same two
# maps, has users.js for it. The functions of orders.js are right in both.
#
# Seen with multi-stage-sourcemap 0.3.1, terser 5.51.4, @jridgewell/remapping 2.3.5 on Node 20. Exit code 0: still so.
# 1: it changed.
# Users meet it when they look up the hot lines or the errors of a bundle, of which a part was compiled before.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --prefer-offline --ignore-scripts multi-stage-sourcemap@0.3.1 terser@5.51.4 @jridgewell/remapping@2.3.5 @jridgewell/trace-mapping@0.3.31
cat >bundle.js <<'JS'
const { readFileSync } = require('node:fs');
const { minify } = require('terser');
const { transfer } = require('multi-stage-sourcemap');
const remapping = require('@jridgewell/remapping');
const { TraceMap, originalPositionFor } = require('@jridgewell/trace-mapping');
for (const name of ['multi-stage-sourcemap', 'terser', '@jridgewell/remapping']) {
  console.log(`${name} ${JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version}`);
}
const ordersSource = `// Orders.\n\n// Each order has lines.\n\nfunction listOrders(orders) {\n  return orders.filter((order) => order.open);\n}\n\nglobalThis.listOrders = listOrders;\n`;
const usersSource = 'function listUsers(users) {\n  return users.map((user) => user.name);\n}\nglobalThis.listUsers = listUsers;\n';
(async () => {
  const compiled = await minify({ 'orders.src.js': ordersSource }, { mangle: false, compress: false, format: { beautify: true }, sourceMap: true });
  const bundle = await minify({ 'orders.js': compiled.code, 'users.js': usersSource }, { mangle: false, compress: false, sourceMap: true });
  const maps = {
    'multi-stage-sourcemap': JSON.parse(transfer({ fromSourceMap: bundle.map, toSourceMap: compiled.map })),
    remapping: (remapping.default ?? remapping)(bundle.map, (file) => (file === 'orders.js' ? compiled.map : null)),
  };
  const seen = {};
  for (const [name, map] of Object.entries(maps)) {
    for (const text of ['listOrders', 'listUsers']) {
      const { source, line } = originalPositionFor(new TraceMap(map), { line: 1, column: bundle.code.indexOf(`function ${text}`) });
      console.log(`${name}: ${text} is in ${source}:${line}`);
      seen[`${name} ${text}`] = `${source}:${line}`;
    }
  }
  const right = seen['multi-stage-sourcemap listOrders'] === 'orders.src.js:5' && seen['remapping listOrders'] === 'orders.src.js:5' && seen['remapping listUsers'] === 'users.js:1';
  process.exit(right && seen['multi-stage-sourcemap listUsers'].startsWith('orders.src.js:') ? 0 : 1);
})();
JS
node bundle.js
