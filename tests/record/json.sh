#!/usr/bin/env bash
# Makes samples/json anew: short real recordings in the JSON formats that
# Spikeflame reads, with the paths of samples/v8 (/srv/record). Needs zstd, and
# Python with pip for the two speedscope files; Chromium's trace is made only
# where Chromium is at hand, else the one that is there is kept.
#
#   tests/record/json.sh
#
# SPIKEFLAME_NODES   where Node versions are kept (default target/nodes; record.sh
#                    installs them)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
nodes=${SPIKEFLAME_NODES:-$root/target/nodes}
to=$root/samples/json
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$to"

node() { # VERSION ARGS...
  local version=$1
  shift
  "$nodes/n$version/node_modules/node/bin/node" "$@"
}

keep() { # NAME: standard input, packed, with the made-up paths
  sed -E "s#$here/programs#/srv/record#g
          s#$scratch#/srv/record#g
          s#[^ \",:()]*/n([0-9]+)/node_modules/node/bin/node#/opt/node\1/bin/node#g" |
    zstd -19 -q -f -o "$to/$1.zst"
}

cd "$scratch"
for program in mix wasm; do
  RECORD_MS=1000 node 22 --cpu-prof --cpu-prof-interval 1000 --cpu-prof-name "$program.cpuprofile" \
    "$here/programs/$program.js" >/dev/null
  keep "$program-node22.cpuprofile" <"$program.cpuprofile"
done

npm install --no-save --no-audit --no-fund --silent --foreground-scripts bun@1.4.5 deno@2.9.6
cp "$here"/programs/bun.js "$here"/programs/deno.ts .
node_modules/.bin/bun --cpu-prof --cpu-prof-name bun.cpuprofile bun.js
sed "s#$scratch#/srv/app#g" bun.cpuprofile | zstd -19 -q -f -o "$to/bun-1.4.5.cpuprofile.zst"
# Deno names the file after the time at which it began.
mkdir deno && (cd deno && ../node_modules/.bin/deno run --cpu-prof ../deno.ts)
for file in deno/CPU.*.cpuprofile; do
  sed "s#$scratch/deno.ts#/srv/app/busy.ts#g" "$file" |
    zstd -19 -q -f -o "$to/CPU.1795846864676.28211.cpuprofile.zst"
done

for version in 20 22 24; do
  node "$version" --trace-event-file-pattern trace.json "$here/programs/trace.js"
  keep "trace-node$version.json" <trace.json
  zstd -dqf "$root/samples/v8/nested-on-node$version.log.zst" -o nested.log
  node "$version" --prof-process --preprocess nested.log 2>/dev/null |
    keep "nested-on-node$version.preprocessed.json"
done

if command -v chromium >/dev/null; then
  cat >page.html <<'PAGE'
<script>
function spin(n) { return n < 2 ? n : spin(n - 1) + spin(n - 2); }
function work() { const t = performance.now(); while (performance.now() - t < 40) spin(18); setTimeout(work, 5); }
work();
</script>
PAGE
  timeout 60 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$scratch/profile" \
    --trace-startup='disabled-by-default-v8.cpu_profiler,__metadata' --trace-startup-format=json \
    --trace-startup-file="$scratch/chromium.json" --trace-startup-duration=2 --timeout=3000 \
    --dump-dom "file://$scratch/page.html" >/dev/null 2>&1 || true
  # The profiles, what names their threads, and a few events of other kinds.
  node 22 -e '
    const { traceEvents, metadata } = JSON.parse(require("fs").readFileSync("chromium.json"));
    const names = /^(Profile|ProfileChunk|thread_name|process_name)$/;
    let others = 0;
    const kept = traceEvents.filter((event) => names.test(event.name) || others++ < 20);
    process.stdout.write(JSON.stringify({ traceEvents: kept, metadata: { "os-arch": metadata?.["os-arch"] } }));
  ' | keep chromium.json
fi

pip install --quiet --target "$scratch/python" py-spy pyinstrument
cat >spin.py <<'PROGRAM'
import json, time

def spin(n):
    return n if n < 2 else spin(n - 1) + spin(n - 2)

def dump():
    return len(json.dumps([{"a": i, "b": str(i)} for i in range(300)]))

end = time.time() + 1
while time.time() < end:
    spin(14)
    dump()
PROGRAM
PYTHONPATH=$scratch/python "$scratch/python/bin/py-spy" record --rate 500 --format speedscope \
  --output py-spy.json -- python3 spin.py >/dev/null
keep py-spy.speedscope.json <py-spy.json
PYTHONPATH=$scratch/python python3 -m pyinstrument --renderer speedscope --outfile pyinstrument.json spin.py
keep pyinstrument.speedscope.json <pyinstrument.json
du -sh "$to"
