#!/usr/bin/env bash
# With source maps, Node names a function after the variable that it was called by.
#
# A source map names places, not functions. Node (`--enable-source-maps`) and source-map-support take the
# name at the place where the caller calls, and put it over the name that V8 has. A server that picks a
# handler from a table calls it as `handler(request)`: in the stack each handler is named `handler`, or
# `path` when the bundler has joined the two lines. Without source maps the names of the
# same bundle are right, as neither bundler renames functions at the top of a script.
#
# Seen with Node 20.20.2 and 24.21.0, source-map-support 0.5.21, maps of esbuild 0.28.2 and terser 5.51.4.
# Exit code 0: still so. 1: it changed. Users meet it in errors of minified services: groups by the
# function at the top put all routes together, and a search for `listUsers` finds nothing.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund node@24.21.0 source-map-support@0.5.21 esbuild@0.28.2 terser@5.51.4
cat >service.js <<'JS'
'use strict';
function listUsers(request) {
  throw new Error('no users');
}
function listOrders(request) {
  throw new Error('no orders');
}
const routes = { '/users': listUsers, '/orders': listOrders };
function dispatch(path) {
  const handler = routes[path];
  return handler({ path });
}
for (const path of ['/users', '/orders']) {
  try {
    dispatch(path);
  } catch (error) {
    console.log(error.stack.split('\n').slice(0, 3).map((line) => /at (\S+)/.exec(line)?.[1] ?? line.slice(7)).join(' < '));
  }
}
JS
node_modules/.bin/esbuild service.js --minify --sourcemap --outfile=esbuild.js --log-level=error
node_modules/.bin/terser service.js --compress --mangle --source-map "url=terser.js.map,includeSources" -o terser.js
echo "source-map-support $(node -p "require('source-map-support/package.json').version")"
status=0
for node in "$(command -v node)" node_modules/node/bin/node; do
  for bundler in esbuild terser; do
    plain=$("$node" "$bundler.js" | paste -sd' ')
    mapped=$("$node" --enable-source-maps "$bundler.js" | paste -sd' ')
    supported=$("$node" -r source-map-support/register "$bundler.js" | paste -sd' ')
    echo "node $("$node" --version), $bundler: without maps: $plain"
    echo "  --enable-source-maps: $mapped"
    echo "  source-map-support:   $supported"
    [[ $plain == 'no users < listUsers < dispatch no orders < listOrders < dispatch' ]] || status=1
    case $bundler in
      esbuild) wrong='no users < handler < dispatch no orders < handler < dispatch' ;;
      terser) wrong='no users < path < dispatch no orders < path < dispatch' ;;
    esac
    [[ $mapped == "$wrong" && $supported == "$wrong" ]] || status=1
  done
done
exit $status
