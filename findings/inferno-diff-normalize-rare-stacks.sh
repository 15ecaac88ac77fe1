#!/usr/bin/env bash
# inferno-diff-folded -n forgets every rare stack of the first profile, and calls it new.
#
# Two recordings seldom have the same number of samples. `-n` multiplies the counts of the first one
# with the quotient of the sums, so that the two can be compared, and cuts off the fraction of each
# stack. When the second recording is shorter by 1 %, a stack with one sample becomes 0.99, which is 0.
# Profiles of a server have thousands of such stacks. Here nothing changed but the length: each of the
# two has half of its samples in one hot stack and half in rare ones. After `-n` the first one has half
# of the second one's sum, and every rare stack is 0 before and 1 after, which inferno-flamegraph
# paints red as new. Without `-n` nothing is lost.
#
# Seen with inferno 0.12.8 of crates.io (needs cargo). Exit code 0: still so. 1: the behaviour changed.
# Users meet it in differential flame graphs of two runs under load.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
cargo install --quiet --locked --root "$scratch" --target-dir "$scratch/target" --no-default-features --features cli --bin inferno-diff-folded --bin inferno-flamegraph inferno@0.12.8
cat >compare.py <<'PY'
import re
import subprocess
import sys

def profile(name, hot, rare):
    with open(name, "w") as file:
        file.write(f"main;serve;hot {hot}\n")
        for at in range(rare):
            file.write(f"main;serve;route{at};work 1\n")

profile("before.folded", 2000, 2000)
profile("after.folded", 1980, 1980)
found = {}
for option in ([], ["-n"]):
    text = subprocess.run(["bin/inferno-diff-folded", *option, "before.folded", "after.folded"], check=True, capture_output=True, text=True).stdout
    rows = [line.rsplit(" ", 2) for line in text.splitlines()]
    before, after = (sum(int(row[at]) for row in rows) for at in (1, 2))
    new = sum(row[1] == "0" and row[2] != "0" for row in rows)
    svg = subprocess.run(["bin/inferno-flamegraph", "--minwidth", "0"], check=True, capture_output=True, text=True, input=text).stdout
    boxes = re.findall(r"<title>work [^<]*</title><rect [^>]*fill=\"rgb\((\d+),(\d+),(\d+)\)\"", svg)
    red = sum(int(r) > int(g) for r, g, _ in boxes)
    print(f"inferno-diff-folded {' '.join(option) or '(no option)'}: before {before}, after {after} samples; {new} of {len(rows)} stacks are new; {red} of {len(boxes)} boxes of rare work are red")
    found[bool(option)] = before, after, new, red
plain, scaled = found[False], found[True]
still = plain[:3] == (4000, 3960, 0) and scaled[0] <= 1980 and scaled[1] == 3960 and scaled[2] == 1980 and scaled[3] == 1980
sys.exit(0 if still else 1)
PY
grep -o 'inferno [0-9.]*' .crates.toml
python3 compare.py
