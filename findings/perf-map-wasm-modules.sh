#!/usr/bin/env bash
# The perf map that `node --perf-basic-prof` writes, and the jitdump of `node --perf-prof`, name a
# WebAssembly function by its name, its index and its compiler: `JS:wasm-function[0]-0-turbofan`.
# The module is missing. So the functions of two modules have one name in the map, and perf, flame
# graphs and all that read the map add them up. The tick log of the same program
# (`node --prof`) has an address that distinguishes them, and a .cpuprofile has the URL of the
# module.
#
# Seen with Node 20.20.2 and 24.21.0 (npm package `node`). Users of perf meet it as soon as a
# program loads a second module, for instance a hash and an image codec.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >two.cjs <<'JS'
const load = (text) =>
  new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(text, 'base64'))).exports.loop;
// Two modules with one function each.
const one = load('AGFzbQEAAAABBgFgAX8BfwMCAQAHCAEEbG9vcAAACh4BHAEBfwNAIAFBA2pBB2whASAAQQFrIgANAAsgAQs=');
const other = load('AGFzbQEAAAABBgFgAX8BfwMCAQAHCAEEbG9vcAAACh4BHAEBfwNAIAFBBWpBB2whASAAQQFrIgANAAsgAQs=');
const end = Date.now() + 600;
while (Date.now() < end) { one(6e6); other(2e6); }
console.log(process.pid);
JS
for version in 20.20.2 24.21.0; do
  npm install --prefix "$version" --no-audit --no-fund --silent --foreground-scripts "node@$version"
  node=$(find "$version" -path '*bin/node' -type f | head -1)
  pid=$("$node" --perf-basic-prof two.cjs)
  echo "Node $version, the optimised functions in its perf map:"
  grep -a 'wasm-function.*turbofan' "/tmp/perf-$pid.map" | tee map
  rm -f "/tmp/perf-$pid.map"
  count=$(wc -l <map) names=$(awk '{ print $3 }' map | sort -u | wc -l)
  if [[ $count -lt 2 || $names -ne 1 ]]; then
    echo 'not seen any more' >&2
    exit 1
  fi
done
echo 'SEEN: functions of two modules have one name'
