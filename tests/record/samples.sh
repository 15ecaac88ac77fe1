#!/usr/bin/env bash
# Makes samples/v8 from target/recordings (record.sh): without the text of any
# script, with made-up paths, packed. Needs zstd.
set -euo pipefail
cd "$(dirname "$0")/../.."
from=target/recordings to=samples/v8
# mix and nested of every version; one or two of what else there is to see.
wanted=$(for v in 16 18 20 22 24 26; do echo "mix-node$v nested-on-node$v nested-off-node$v"; done)
wanted+=' deep-node22 native-node20 nativestack-node22 wasm-node20 wasm-node24 compact-node16'
wanted+=' compact-node20 idle-node20 kill-node22 cpuprof-node22 torn-node24'
wanted+=' workers-node20.main workers-node20.worker1 workers-node20.worker2'
paths() {
  sed -E "s#$PWD/tests/record/programs#/srv/record#g
          s#[^ ,:()]*/n([0-9]+)/node_modules/node/bin/node#/opt/node\1/bin/node#g
          s#/usr/lib/x86_64-linux-gnu/#/opt/lib/#g"
}
mkdir -p "$to"
for name in $wanted; do
  grep -av '^script-source,' "$from/$name.log" | paths | zstd -19 -q -f -o "$to/$name.log.zst"
  paths < "$from/$name.v8-processor.txt" | sed '/^ \[Bottom up/,$d' > "$to/$name.v8-processor.txt"
done
du -sh "$to"
