#!/usr/bin/env bash
# With `node --prof`, workers that run one after another overwrite each other's logs.
#
# V8 names the log of an isolate by the isolate's address. When a worker has ended, the next one often gets
# the same address, and opens the log of the ended worker anew. Five workers that run one after another
# leave fewer than five logs, without a message: the time of the others is in no file. With
# `--no-logfile-per-isolate --logfile=%p-%t.log`, names have the time in milliseconds, and all logs remain.
#
# Seen with Node 20.20.2, 26.10.0: two or three logs of five workers. Exit code 0: still so. 1: the behaviour changed.
# Users meet it in programs that start a worker for each task.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund node@26.10.0
cat >program.js <<'JS'
const { Worker, isMainThread } = require('worker_threads');
const spin = (ms) => { const end = Date.now() + ms; while (Date.now() < end); };
if (isMainThread) {
  let begun = 0;
  const next = () => begun++ < 5 && new Worker(__filename).on('exit', () => setTimeout(next, 50));
  next();
} else spin(200);
JS
# logs of main thread and workers: FLAG...
logs() {
  rm -rf logs
  mkdir logs
  (cd logs && "$node" --prof "$@" ../program.js)
  find logs -type f | wc -l
}
status=0
for node in "$(command -v node)" "$PWD/node_modules/node/bin/node"; do
  usual=$(logs)
  timed=$(logs --no-logfile-per-isolate --logfile=%p-%t.log)
  echo "node $("$node" --version): of 6 isolates, $usual logs; with the time in the names $timed"
  [[ $usual -lt 6 && $timed == 6 ]] || status=1
done
exit $status
