#!/usr/bin/env bash
# With `node --cpu-prof-name`, a program with a worker keeps one of its profiles.
#
# Each worker thread writes a CPU profile of its own. With --cpu-prof alone their names differ
# by the number of the thread. With a fixed --cpu-prof-name all threads write the same file, one
# over the other, without a message, and the last one to end remains. Here that is the main
# thread: the function that the worker spent its time in is in no file.
#
# Seen with Node 20.20.2, 24.21.0. Exit code 0: still so. 1: the behaviour changed.
# Users meet it in scripts that give profiles a name, and in programs whose libraries have
# workers (pino's transports, piscina).
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund node@24.21.0
cat >program.js <<'JS'
const { Worker, isMainThread } = require('worker_threads');
const spin = (ms) => { const end = Date.now() + ms; while (Date.now() < end); };
function inMain() { spin(400); }
function inWorker() { spin(400); }
if (isMainThread) {
  inMain();
  new Worker(__filename);
} else inWorker();
JS
count() { { grep -l "\"$1\"" "$2"/*.cpuprofile || true; } | wc -l; } # FUNCTION FOLDER: profiles that have it
status=0
for node in "$(command -v node)" "$PWD/node_modules/node/bin/node"; do
  rm -rf unnamed named
  mkdir unnamed named
  (cd unnamed && "$node" --cpu-prof ../program.js)
  (cd named && "$node" --cpu-prof --cpu-prof-name=run.cpuprofile ../program.js)
  seen="$(count inMain unnamed) of inMain and $(count inWorker unnamed) of inWorker, "
  seen+="with a name $(count inMain named) and $(count inWorker named)"
  echo "node $("$node" --version): profiles $seen"
  [[ $seen == '1 of inMain and 1 of inWorker, with a name 1 and 0' ]] || status=1
done
exit $status
