#!/usr/bin/env bash
# gprof2dot shows 0 % for a middleware that is on the stack in 60 % of the samples.
#
# In a Node server each middleware calls `next()`, which calls the next middleware: the functions call each other in
# a circle. gprof2dot reads folded stacks (`-f collapse`), so it could count the samples that a function is in. It
# uses its heuristic for circles instead, which follows only the calls that lead away from the entry, and what ran by
# way of a later `next` is not the middleware's: `cookies` (60 of 100 samples) has 0.00 %, `auth` (80) has 20 %, and
# the edge into `cookies` is 0.00 % too, so by default neither is drawn. The README mentions the heuristic, and says
# that all functions of a circle have one percentage. The shares of functions outside of the circle are right, and so
# are all where no function comes twice.
#
# Seen with gprof2dot 2025.4.14 on Python 3.11. Exit code 0: still so. 1: the behaviour changed. Users meet it when
# they draw a call graph of an Express application or of a recursive parser.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check gprof2dot==2025.4.14
cat >circle.folded <<'STACKS'
main;dispatch;next;handle;auth;next;handle;cookies;next;handle;route;query 60
main;dispatch;next;handle;auth;verify 20
main;timer 20
STACKS
# The control has the names of the three rounds apart.
sed 's/auth;next;handle/auth;next2;handle2/; s/cookies;next;handle/cookies;next3;handle3/' circle.folded >chain.folded
cat >compare.py <<'PY'
import re
import subprocess
import sys
from importlib.metadata import version

print(f"gprof2dot {version('gprof2dot')}, Python {sys.version.split()[0]}")
names = ("main", "dispatch", "auth", "cookies", "route", "query", "verify", "timer")
wrong = {}
for profile in ("chain", "circle"):
    truth = dict.fromkeys(names, 0)
    for line in open(f"{profile}.folded"):
        stack, count = line.rsplit(" ", 1)
        for name in set(stack.split(";")) & set(names):
            truth[name] += int(count)
    text = subprocess.run(["venv/bin/gprof2dot", "-f", "collapse", "-n", "0", "-e", "0", f"{profile}.folded"], check=True, capture_output=True, text=True).stdout
    shown = {name: float(share) for name, share in re.findall(r'label="(\w+)\\n([\d.]+)%', text)}
    print(f"{profile}:", ", ".join(f"{name} {truth[name]} -> {shown[name]:.0f} %" for name in names))
    wrong[profile] = {name: (truth[name], shown[name]) for name in names if abs(truth[name] - shown[name]) > 1}
print("functions with another share than samples:", wrong)
sys.exit(0 if wrong == {"chain": {}, "circle": {"auth": (80, 20.0), "cookies": (60, 0.0)}} else 1)
PY
venv/bin/python compare.py
