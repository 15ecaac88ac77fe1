#!/usr/bin/env bash
# Records one server by every usual way to start Node: package managers, runners of monorepos,
# compilers of TypeScript, watchers, shells. Checks for each: the load reached the server, the
# server's log has its function, nothing is warned of, the server closed in order after one
# SIGTERM, and no process is left.
#
#   tests/record/starters.sh [NAME...]
#
# SPIKEFLAME_BIN   the program to test (default: target/debug/spikeflame)
# Needs node and npm; installs pinned packages into a temporary folder. Takes about three minutes.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
spikeflame=${SPIKEFLAME_BIN:-$root/target/debug/spikeflame}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
app=$work/app
mkdir -p "$app/src" "$app/packages/shop"
cd "$app"

cat >package.json <<'J'
{ "name": "root", "private": true, "workspaces": ["packages/*"],
  "scripts": { "start:prod": "node server.js", "start:shell": "sh ./start.sh", "start:nest": "nest start",
    "start:env": "cross-env SHOP=1 node server.js", "start:dotenv": "dotenv -e .env -- node server.js" } }
J
cat >server.js <<'J'
function findProduct() { let x = 0; for (let i = 0; i < 200000; i++) x += Math.sqrt(i * 7 % 13); return x; }
const server = require('http').createServer((request, response) => response.end(String(findProduct())));
server.listen(0, '127.0.0.1', () => console.log('up'));
process.on('SIGTERM', () => { console.log('closing'); setTimeout(() => { console.log('closed'); process.exit(0); }, 1500); });
J
sed 's/(request, response)/(request: any, response: any)/' server.js >server.ts
cp server.ts src/main.ts
cp server.js packages/shop
echo '{ "name": "shop", "version": "1.0.0", "scripts": { "serve": "node server.js" } }' >packages/shop/package.json
printf '#!/bin/sh\nnode server.js\n' >start.sh
chmod +x start.sh
echo SHOP=1 >.env
echo '{ "compilerOptions": { "module": "commonjs", "target": "es2022", "outDir": "dist", "rootDir": "src", "skipLibCheck": true, "types": ["node"] }, "include": ["src"] }' >tsconfig.json
echo '{ "sourceRoot": "src" }' >nest-cli.json
echo '{ "targetDefaults": {} }' >nx.json
echo '{ "tasks": { "serve": { "cache": false, "persistent": true } } }' >turbo.json
cat >load.js <<'J'
const fs = require('fs'), http = require('http'), own = process.env.RUN + '/.spikeflame/';
const files = fs.readdirSync(own).filter((name) => name.startsWith('listening-'));
const port = files.map((name) => fs.readFileSync(own + name, 'utf8').trim().split('\n').pop()).pop();
let [good, bad] = [0, 0];
(function ask() {
  if (good + bad === 300) { console.error(`load: ${good} good, ${bad} bad`); process.exit(bad ? 1 : 0); }
  http.get({ port, host: '127.0.0.1' }, (response) => response.resume().on('end', () => { good++; ask(); }))
    .on('error', () => { bad++; setTimeout(ask, 10); });
})();
J
npm install --no-audit --no-fund --loglevel=error tsx@4.20.3 ts-node@10.9.2 typescript@5.8.3 nodemon@3.1.10 \
  dotenv-cli@8.0.0 cross-env@7.0.3 pm2@6.0.8 pnpm@9.15.9 yarn@1.22.22 @yarnpkg/cli-dist@4.9.2 turbo@2.5.4 nx@21.2.1 \
  @nestjs/cli@11.0.7 @types/node@22.15.0 >/dev/null
# The lock file of an application belongs to its own package manager.
rm package-lock.json
bin=$app/node_modules/.bin
export NX_DAEMON=false NX_TUI=false TURBO_TELEMETRY_DISABLED=1 YARN_ENABLE_TELEMETRY=0 PM2_HOME=$work/pm2
echo "Node $(node --version)"

failed=0
wanted=("$@")
try() { # NAME WAY SIGNALS COMMAND...
  local name=$1 way=$2 signals=$3 run=$work/runs/$1 why=() log
  shift 3
  [[ ${#wanted[@]} -eq 0 || " ${wanted[*]} " == *" $name "* ]] || return 0
  "$spikeflame" record -o "$run" --patience 120 --grace 60 --load "node load.js" -- "$@" \
    >"$work/words" 2>&1 </dev/null || why+=("it failed")
  grep -q "\"way\": \"$way\"" "$run/run.json" || why+=("not by $way")
  grep -q 'load: 300 good, 0 bad' "$work/words" || why+=("the load did not reach it")
  grep -aq '^warning: the\|^warning: a \|^warning: [0-9]' "$work/words" && why+=("a warning")
  grep -lq findProduct "$run"/isolate-*-v8.log 2>/dev/null || why+=("no log of it")
  log=$(grep -aoc 'closing' "$run/app.log" || true)
  if [[ $signals == one ]]; then
    [[ $log == 1 ]] && grep -aq 'closed' "$run/app.log" || why+=("$log times SIGTERM")
  fi
  grep -laz "^SPIKEFLAME_[A-Z]*=$run\$" /proc/[0-9]*/environ 2>/dev/null && why+=("a process is left")
  if [[ ${#why[@]} -eq 0 ]]; then
    echo "  ok: $name"
  else
    printf '  FAILED: %s: %s\n' "$name" "$(IFS=';'; echo "${why[*]}")"
    tail -n 12 "$work/words" | sed 's/^/    /'
    failed=1
  fi
}

try node flags one node server.js
try ts-node-register flags one node --require ts-node/register/transpile-only server.ts
try npm preload one npm run start:prod
try npm-shell preload one npm run start:shell
try npx preload one npx --no-install tsx server.ts
try yarn preload one node_modules/yarn/bin/yarn.js run start:prod
try pnpm preload one "$bin/pnpm" run start:prod
try shell preload one ./start.sh
try cross-env preload one npm run start:env
# dotenv, nodemon and nx pass a signal on that the server has got itself; pm2 sends SIGINT.
try dotenv preload any npm run start:dotenv
try nodemon preload any "$bin/nodemon" server.js
try nx preload any "$bin/nx" run shop:serve
try pm2 preload any "$bin/pm2-runtime" server.js
# turbo asks the root for its package manager, which pnpm would not accept.
sed -i '1s/{/{ "packageManager": "npm@10.8.2",/' package.json
try turbo preload any "$bin/turbo" run serve
try tsx preload one "$bin/tsx" server.ts
try ts-node preload one "$bin/ts-node" --transpile-only server.ts
try nest preload one npm run start:nest
# Berry wants a project of its own.
cp -r packages/shop "$work/berry"
cd "$work/berry"
cp "$app/load.js" .
printf 'nodeLinker: node-modules\n' >.yarnrc.yml
: >yarn.lock
berry=$app/node_modules/@yarnpkg/cli-dist/bin/yarn.js
node "$berry" install >/dev/null
try yarn-berry preload one "$berry" run serve
exit "$failed"
