#!/usr/bin/env bash
# inferno makes one function of all regular expressions that begin with a group, and of pages in folders like (shop).
#
# The map that `node --perf-basic-prof` writes for perf names a regular expression by its text, `RegExp:(\d+) user`, and a
# function by its file. inferno-collapse-perf, which cargo-flamegraph uses too, takes the first `(` of a name for the
# beginning of a C++ function's parameters, and drops the rest. Of two regular expressions `RegExp:` is left, and
# of the functions `render` in `app/(shop)/page.js` and `app/(admin)/page.js`, as Next.js names the folders of a group,
# `JS:*render .../app/`. Their samples are added up, and the graph does not show which of them is hot. No option
# switches this off, and the README does not have it. Names in the text of `perf script` are whole.
#
# Seen with inferno 0.12.8 of crates.io (needs cargo) and the map of Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they look for a slow regular expression in a flame graph of perf.
set -euo pipefail
scratch=$(mktemp -d)
pid=none
trap 'rm -rf "$scratch" "/tmp/perf-$pid.map"' EXIT
cd "$scratch"
cargo install --quiet --locked --root "$scratch" --target-dir "$scratch/target" --no-default-features --features cli --bin inferno-collapse-perf inferno@0.12.8
mkdir -p 'app/(shop)' 'app/(admin)'
for group in shop admin; do
  echo "module.exports = function render(rows) { let text = ''; for (const row of rows) text += '$group' + ((row * 7) % 13); return text; };" >"app/($group)/page.js"
done
cat >service.js <<'JS'
const pages = [require('./app/(shop)/page.js'), require('./app/(admin)/page.js')];
const rows = Array.from({ length: 500 }, (_, row) => row);
const lines = rows.map((row) => `GET /orders/${row} user${row}@example.org 200`);
let count = 0;
for (let round = 0; round < 2000; round++) {
  for (const page of pages) count += page(rows).length;
  for (const line of lines) count += /(\d+) user/.test(line) + /(\w+)@(\w+)/.test(line);
}
console.log(count);
JS
node --perf-basic-prof service.js >count &
pid=$!
wait "$pid"
cp "/tmp/perf-$pid.map" names.map
cat >compare.py <<'PY'
import subprocess
import sys

# The names as Node wrote them: the last map entry of each of the four that the program uses.
names = {}
for line in open("names.map"):
    name = line.rstrip("\n").split(" ", 2)[2]
    for wanted in ("RegExp:(\\d+) user", "RegExp:(\\w+)@(\\w+)", "/app/(shop)/page.js", "/app/(admin)/page.js"):
        if wanted in name and (name.startswith("RegExp:") or "*render" in name):
            names[wanted] = name
# Samples of perf in the form of `perf script`: 40, 30, 20 and 10 of them.
counts = dict(zip(names.values(), (40, 30, 20, 10)))
with open("perf.txt", "w") as file:
    for name, count in counts.items():
        for at in range(count):
            file.write(f"node 7 1.{at:06d}: 1 cpu-clock:\n\t7f01 {name}+0x1 (/tmp/perf-7.map)\n\t7f02 JS:~serve /srv/server.js:1:1+0x1 (/tmp/perf-7.map)\n\n")
folded = subprocess.run(["bin/inferno-collapse-perf", "perf.txt"], check=True, capture_output=True, text=True).stdout
rows = [line.rsplit(" ", 1) for line in folded.splitlines()]
for name, count in counts.items():
    print(f"perf script: {count:3} {name}")
for stack, count in rows:
    print(f"inferno:     {count:>3} {stack.rsplit(';', 1)[1]}")
merged = {stack.rsplit(";", 1)[1]: int(count) for stack, count in rows}
still = len(counts) == 4 and len(merged) == 2 and sum(merged.values()) == 100 and "RegExp:" in merged and not any("page.js" in name for name in merged)
sys.exit(0 if still else 1)
PY
grep -o 'inferno [0-9.]*' .crates.toml
node --version
python3 compare.py
