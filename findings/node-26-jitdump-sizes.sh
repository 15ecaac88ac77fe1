#!/usr/bin/env bash
# Node 26 writes jitdump files in which some records have a wrong size, so that readers lose what follows.
#
# `node --perf-prof` writes jit-PID.dump, of which `perf inject --jit` makes names. With Node 26.10.0 (npm's `node`), the
# size of records with lines of code does not fit their names of files when functions of other files were inlined. perf 6.1
# then says "unknown record type 605467161, skipping", and the functions after it have no names. Here the next record
# is searched. The files of Node 24.21.0 are right.
#
# Needs npm and Linux. Exits with 1 when all records of Node 26 fit, or those of Node 24 do not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >other.js <<'JS'
exports.check = (value, limits) => { if (typeof value !== "number" || value > limits.most) throw new RangeError("value"); return value; };
exports.sum = (list, check) => { let sum = 0; for (const one of list) sum += check(one, { most: 1e9 }); return sum; };
JS
cat >program.js <<'JS'
const { check, sum } = require("./other.js");
const list = Array.from({ length: 300 }, (_, i) => i);
function run(milliseconds, work) { const end = performance.now() + milliseconds; let kept = 0; while (performance.now() < end) kept += work(kept & 7); return kept; }
for (let round = 0; round < 12; round++) {
  run(40, (n) => sum(list, check) + n);
  run(40, (n) => { let kept = 0; for (let i = 0; i < 999; i++) kept += check(i, { most: 1e6 }) * n; return kept; });
  run(40, (n) => JSON.stringify(list).length + list.map((one) => one * n).filter((one) => one % 3).length);
}
JS
for version in 24.21.0 26.10.0; do
  npm install --prefix "$version" --no-audit --no-fund --silent "node@$version"
  rm -f jit-*.dump
  "$version/node_modules/node/bin/node" --perf-prof program.js
  python3 - "$version" <<'PY'
import glob, struct, sys

data = open(glob.glob("jit-*.dump")[0], "rb").read()
at, records, wrong = 40, 0, None
while at + 16 <= len(data) and wrong is None:
    kind, size, _ = struct.unpack_from("<IIQ", data, at)
    if kind > 4 or size < 16:
        wrong = at
    else:
        at, records = at + size, records + 1
print(f"node {sys.argv[1]}: {records} records", "fit" if wrong is None else f"fit, then none at byte {wrong} of {len(data)}")
sys.exit((wrong is None) != sys.argv[1].startswith("24"))
PY
done
