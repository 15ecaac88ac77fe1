#!/usr/bin/env bash
# Records what perf.sh measures: Node compiling, as perf sees it.
#
#   tests/bench/record-perf.sh DIR [--quick]
#
# `tsc --checkJs` of TypeScript's own compiler (6 MB of JavaScript), then
# `terser` of it, with kernel stacks: many functions, deep stacks, most of them
# distinct. Nothing is replicated. More than 60,000 samples, whose text is more
# than 300 MB.
# --quick   fewer samples: some 25 MB of text
#
# Writes DIR/perf.data, DIR/perf.txt (`perf script` of it), DIR/perf-PID.map,
# DIR/tsc.cpuprofile (the first of the two programs, 1 ms and 200 us apart).
# NODE as in common.sh. Needs perf and the right to see the kernel's stacks.
set -euo pipefail

dir=${1:?DIR} hertz=3500 between=200
[[ ${2-} != --quick ]] || hertz=200 between=1000
node=$(command -v "${NODE:-node}")
command -v perf >/dev/null || { echo 'record-perf: needs perf (Debian: linux-perf)' >&2; exit 1; }

mkdir -p "$dir/programs"
cd "$dir"
# A package.json of its own keeps npm from climbing to another project.
[[ -e programs/package.json ]] || echo '{"private":true}' >programs/package.json
[[ -d programs/node_modules/terser && -d programs/node_modules/typescript ]] ||
  npm install --prefix programs --no-audit --no-fund --loglevel=error typescript@5.9.3 terser@5.44.1 >&2
compiler=programs/node_modules/typescript/lib/_tsc.js
check=("$compiler" --noEmit --allowJs --checkJs --target esnext --moduleDetection force "$compiler")

rm -f perf-*.map
perf record -q -F "$hertz" -g -e cpu-clock -k CLOCK_MONOTONIC -o perf.part bash -c '
  node=$1 compiler=$2
  flags="--perf-basic-prof --interpreted-frames-native-stack --max-old-space-size=6000"
  # It finds errors in itself.
  "$node" $flags "${@:3}" >/dev/null || true
  "$node" $flags programs/node_modules/terser/bin/terser --compress --mangle --output /dev/null "$compiler"
' - "$node" "$compiler" "${check[@]}"
for pid in $(perf script -i perf.part -F pid 2>/dev/null | sort -u); do
  if [[ -e /tmp/perf-$pid.map ]]; then cp "/tmp/perf-$pid.map" .; fi
done
perf script -i perf.part >perf.txt
for map in perf-*.map; do rm "/tmp/$map"; done
rm -f isolate-*-v8.log

"$node" --max-old-space-size=6000 --cpu-prof --cpu-prof-interval "$between" --cpu-prof-name tsc.part "${check[@]}" >/dev/null || true
mv tsc.part tsc.cpuprofile
mv perf.part perf.data
