#!/usr/bin/env bash
# yappi's export for pstats gives a function that was called 1,001 times one call, and its mean the time of all of them.
#
# The README promises that results can be saved in the "pstat" format, that of Python's own profilers. It has two counts
# for each function: calls that were not made by the function itself, directly or through others, and all calls, in this
# order. yappi writes them in the other order. For functions that do not call themselves both are equal, and all is
# right. For a recursive one `print_stats` shows 1/1001 in place of 1001/1, the time of each call is 1,001 times as
# long, and a line at the head has fewer calls than "primitive calls", which are a part of them. yappi's own table is
# right. Viewers of the format, such as snakeviz and gprof2dot, read the same counts.
#
# Seen with yappi 1.7.6 and Python 3.11. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they look at a recursive function, such as one that walks a tree or calls the next middleware.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check yappi==1.7.6
cat >check.py <<'PY'
import cProfile
import io
import pstats
import sys
import importlib.metadata
import yappi

sys.setrecursionlimit(3000)

def walk(depth):
    if depth:
        walk(depth - 1)

yappi.start()
walk(1000)
yappi.stop()
own = next(row for row in yappi.get_func_stats() if row.name == "walk")
yappi.get_func_stats().save("yappi.pstat", "pstat")
python = cProfile.Profile()
python.runcall(walk, 1000)
python.dump_stats("python.pstat")
print(f"yappi {importlib.metadata.version('yappi')}, its own table: {own.ncall}/{own.nactualcall} calls")
found = {}
for name in ("python", "yappi"):
    text = io.StringIO()
    stats = pstats.Stats(f"{name}.pstat", stream=text)
    stats.print_stats("walk")
    calls = next(line for line in text.getvalue().splitlines() if "(walk)" in line).split()[0]
    head = next(line for line in text.getvalue().splitlines() if "function calls" in line).strip()
    print(f"{name}.pstat: {calls} calls of walk; {head}")
    found[name] = calls
sys.exit(0 if found == {"python": "1001/1", "yappi": "1/1001"} and (own.ncall, own.nactualcall) == (1001, 1) else 1)
PY
venv/bin/python check.py
