#!/usr/bin/env bash
# Makes samples/lines anew: tick logs and CPU profiles of one program whose lines differ in
# cost. The tick logs keep the text of that program, because lines need it. Needs zstd.
#
#   tests/record/lines.sh
#
# SPIKEFLAME_NODES   where Node versions are kept (default target/nodes)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
nodes=${SPIKEFLAME_NODES:-$root/target/nodes}
to=$root/samples/lines
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$to"
cp "$here/programs/lines.cjs" "$scratch"
cd "$scratch"

paths() {
  sed -E "s#$scratch/#/srv/record/#g
          s#[^ ,:()\"]*/n([0-9]+)/node_modules/node/bin/node#/opt/node\1/bin/node#g
          s#/usr/lib/x86_64-linux-gnu/#/opt/lib/#g"
}

for version in 20 26; do
  node=$nodes/n$version/node_modules/node/bin/node
  RECORD_MS=700 "$node" --prof --no-logfile-per-isolate --logfile=v8.log lines.cjs
  grep -avE '^script-source,[0-9]+,(node:|evalmachine)' v8.log | paths |
    zstd -19 -q -f -o "$to/lines-node$version.log.zst"
  RECORD_MS=700 "$node" --cpu-prof --cpu-prof-name=v8.cpuprofile lines.cjs
  paths <v8.cpuprofile >"$to/lines-node$version.cpuprofile"
done
ls -l "$to"
