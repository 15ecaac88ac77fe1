#!/usr/bin/env bash
# gprof2dot makes one function of all the anonymous functions of a file when folded stacks have line numbers.
#
# A frame in folded stacks is a name, often with its place: `handler (app.js:10)`. gprof2dot takes such a frame apart,
# keeps the name and the file, and throws the line away. Two functions of one name in one file become one node that
# has the time of both and the callees of both: here `(anonymous)` has 100 %, and it looks as if one function called the
# database and rendered. The other one cannot be found. Names like `(anonymous)`, `handler` or `get` are many in one file
# of JavaScript. With the column as well, `app.js:10:5`, the two remain apart, since the line then belongs to the file.
#
# Seen with gprof2dot 2025.4.14 on Python 3.11. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they draw a call graph of stacks of py-spy or of a Node profile.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check gprof2dot==2025.4.14
cat >lines.folded <<'STACKS'
main (app.js:1);(anonymous) (app.js:10);query (db.js:5) 70
main (app.js:1);(anonymous) (app.js:90);render (view.js:8) 30
STACKS
sed -E 's/:([0-9]+)\)/:\1:5)/g' lines.folded >columns.folded
cat >compare.py <<'PY'
import re
import subprocess
import sys
from importlib.metadata import version

print(f"gprof2dot {version('gprof2dot')}, Python {sys.version.split()[0]}; two functions without a name, in line 10 (70 %) and in line 90 (30 %)")
found = {}
for profile in ("lines", "columns"):
    text = subprocess.run(["venv/bin/gprof2dot", "-f", "collapse", "-n", "0", "-e", "0", f"{profile}.folded"], check=True, capture_output=True, text=True).stdout
    nodes = re.findall(r'label="([^"]*?)\\n\(anonymous\)\\n([\d.]+)%', text)
    callees = re.findall(r'"[^"]*\(anonymous\)" -> "[^"]*?:(\w+)"', text)
    print(f"{profile}: anonymous functions", ", ".join(f"{module} {share} %" for module, share in nodes), "with the callees", callees)
    found[profile] = [float(share) for _, share in nodes]
sys.exit(0 if found == {"lines": [100.0], "columns": [70.0, 30.0]} else 1)
PY
venv/bin/python compare.py
