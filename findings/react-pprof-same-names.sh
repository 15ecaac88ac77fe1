#!/usr/bin/env bash
# react-pprof, and with it @platformatic/flame, draws two functions of one name as one function.
#
# A function in a pprof file has an identifier, a name, a file and a line. react-pprof joins the children of a
# frame by the name alone, and the box has the file and the line of the one that came first. Handlers of
# routes are often named alike: `handler`, `get`, or not at all. Here `dispatch` calls the `handler`
# of users.js for 0.3 s and that of orders.js for 1.2 s. The graph has one box `handler` for all of it, with the
# place of one of the two, and all callees of both in it. The other file is nowhere in the graph.
#
# Seen with react-pprof 1.5.1, @datadog/pprof 5.20.0, Node 20.20.2. Exit code 0: still so. 1: it changed.
# Users meet it in services with one file per route.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund react-pprof@1.5.1 @datadog/pprof@5.20.0
for name in users:300 orders:1200; do
  cat >"${name%:*}.js" <<JS
exports.handler = function handler() {
  let sum = 0;
  for (const end = Date.now() + ${name#*:}; Date.now() < end;) for (let at = 0; at < 1000; at++) sum += Math.sqrt(sum + at);
  return sum;
};
JS
done
cat >service.js <<'JS'
const { writeFileSync } = require('node:fs');
const { time } = require('@datadog/pprof');
const routes = [require('./users.js'), require('./orders.js')];
function dispatch({ handler }) {
  return handler();
}
time.start({ intervalMicros: 5000, durationMillis: 2000 });
for (const route of routes) dispatch(route);
writeFileSync('profile.pb', time.stop().encode());
JS
cat >draw.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Profile } from 'pprof-format';
import { FlameDataProcessor } from './node_modules/react-pprof/dist/renderer/FlameDataProcessor.js';
const profile = Profile.decode(readFileSync('profile.pb'));
const text = (index) => profile.stringTable.strings[Number(index)];
const functions = new Map(profile.function.map((one) => [one.id, `${text(one.name)} of ${basename(text(one.filename))}`]));
const places = new Map(profile.location.map(({ id, line }) => [id, functions.get(line[0].functionId)]));
const inFile = {};
for (const { locationId, value } of profile.sample) {
  const name = places.get(locationId[0]);
  if (name.startsWith('handler of ')) inFile[name] = (inFile[name] ?? 0) + Number(value[1]) / 1e9;
}
const row = (sums) => Object.entries(sums).map(([name, seconds]) => `${name} ${seconds.toFixed(2)} s`).join(', ');
console.log(`the file: ${row(inFile)}`);
const drawn = {};
const visit = (node) => {
  if (node.name === 'handler') drawn[`handler of ${basename(node.fileName)}`] = node.value / 1e9;
  node.children.forEach(visit);
};
visit(new FlameDataProcessor().processProfile(profile));
console.log(`react-pprof: ${row(drawn)}`);
const sum = Object.values(inFile).reduce((all, one) => all + one, 0);
const shown = Object.values(drawn);
const holds = Object.keys(inFile).length === 2 && shown.length === 1 && shown[0] > 0.99 * sum && sum > 0.5;
process.exit(holds ? 0 : 1);
JS
echo "react-pprof $(node -p "JSON.parse(require('fs').readFileSync('node_modules/react-pprof/package.json')).version"), node $(node --version)"
node service.js
node draw.mjs
