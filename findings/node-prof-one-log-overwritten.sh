#!/usr/bin/env bash
# With `node --prof --no-logfile-per-isolate`, a worker overwrites the main thread's log.
#
# The option is meant to bring all threads into one file, v8.log. V8 opens that file anew for
# each worker, which empties it, and the worker writes from its start while the main thread goes
# on behind the place that it had reached. What the main thread had logged until then is gone: the
# names of its functions and its own beginning. Its ticks are still there, so they belong to
# nothing: `node --prof-process` counts them as unaccounted, prints no message, and the
# main thread's hot function is in no table. Without the option each thread has a log, and the
# function is in the main thread's.
#
# Seen with Node 20.20.2 and 24.21.0. Exit code 0: still so. 1: the behaviour changed.
# Users meet it in programs whose libraries have workers (pino's transports, piscina).
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
cat >program.js <<'JS'
const { Worker, isMainThread } = require('worker_threads');
function spinMain(until) { let x = 0; while (Date.now() < until) for (let i = 0; i < 1000; i++) x += Math.sqrt(x + i); return x; }
function spinWorker(until) { let x = 0; while (Date.now() < until) for (let i = 0; i < 1000; i++) x += Math.sqrt(x - i); return x; }
if (isMainThread) {
  spinMain(Date.now() + 300);
  new Worker(__filename).once('online', () => spinMain(Date.now() + 1500));
} else {
  for (const name of ['crypto', 'http', 'https', 'zlib', 'readline', 'child_process']) require(name);
  spinWorker(Date.now() + 1500);
}
JS
seen=0
for version in 20.20.2 24.21.0; do
  mkdir "$version"
  npm install --silent --no-audit --no-fund --no-save --prefix "$version" "node@$version"
  node=$PWD/$version/node_modules/node/bin/node
  mkdir "$version/one" "$version/each"
  (cd "$version/one" && "$node" --prof --no-logfile-per-isolate ../../program.js && "$node" --prof-process v8.log >out.txt 2>/dev/null)
  (cd "$version/each" && "$node" --prof ../../program.js && for log in isolate-*.log; do "$node" --prof-process "$log"; done >out.txt 2>/dev/null)
  echo "Node $version"
  echo "  one log:         $(grep -ac '^v8-version' "$version/one/v8.log") isolate has begun in it; functions in the tables: $(grep -aoE 'spin(Main|Worker)' "$version/one/out.txt" | sort -u | xargs); $(head -1 "$version/one/out.txt" | grep -oE '[0-9]+ ticks, [0-9]+ unaccounted')"
  echo "  a log an isolate: functions in the tables: $(grep -aoE 'spin(Main|Worker)' "$version/each/out.txt" | sort -u | xargs)"
  if ! grep -aq spinMain "$version/one/out.txt" && grep -aq spinWorker "$version/one/out.txt" &&
    grep -aq spinMain "$version/each/out.txt" && [[ $(grep -ac '^v8-version' "$version/one/v8.log") == 1 ]]; then
    seen=$((seen + 1))
  fi
done
((seen == 2))
