#!/usr/bin/env bash
# pprof-it overwrites the profiles of all worker threads with that of the main thread.
#
# It is loaded with `--require`, which Node passes on to worker threads. So each thread has profilers of its own, and
# writes its two files when it ends. Their names contain the number of the process, which is the same for all threads.
# The main thread ends last, and its files take the place of the workers'. Here a worker works for half a second while the
# main thread waits for it. pprof-it says four times that it writes a profile. Two files remain, and the worker's
# function is in neither. The README warns of several processes, and does not mention threads.
#
# Seen with pprof-it 1.2.3 on Node 20.20.2. Exit code 0: still so. 1: it changed.
# Users meet it when they profile a service that has its heavy work in worker threads or in a pool, such as piscina.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --prefer-offline pprof-it@1.2.3
cat >service.js <<'JS'
const { isMainThread, Worker } = require('node:worker_threads');
function inWorker() {
  let sum = 0;
  for (const end = Date.now() + 500; Date.now() < end;) for (let at = 0; at < 1000; at++) sum += Math.sqrt(sum + at);
  return sum;
}
if (isMainThread && process.argv[2] === 'worker') new Worker(__filename); else inWorker();
JS
cat >check.js <<'JS'
const { readdirSync, readFileSync } = require('node:fs');
const { gunzipSync } = require('node:zlib');
const { Profile } = require('pprof-format');
let found = false;
const folder = process.argv[2];
const files = readdirSync(folder);
for (const file of files) found ||= Profile.decode(gunzipSync(readFileSync(`${folder}/${file}`))).stringTable.strings.includes('inWorker');
const written = readFileSync(`${folder}.log`, 'utf8').match(/Writing (heap|time) profile/g).length;
console.log(`${folder}: ${written} profiles written, ${files.length} files, the function is in ${found ? 'one' : 'none'} of them`);
process.exit(folder === 'worker' ? Number(!(written === 4 && files.length === 2 && !found)) : Number(!(written === 2 && files.length === 2 && found)));
JS
echo "pprof-it $(node -p "JSON.parse(require('fs').readFileSync('node_modules/pprof-it/package.json')).version"), node $(node --version)"
for thread in main worker; do
  mkdir "$thread"
  PPROF_OUT=$thread node --require pprof-it service.js "$thread" 2>"$thread.log"
  node check.js "$thread"
done
