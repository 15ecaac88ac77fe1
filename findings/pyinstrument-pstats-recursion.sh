#!/usr/bin/env bash
# pyinstrument's pstats file has one second of a recursive function as twenty, and gprof2dot believes it.
#
# `pyinstrument -r pstats` writes what it recorded in the format of Python's own profiler, for the
# viewers of that format. There `cumtime` is the time in which a function was on the stack, and in a
# recursion it counts once. pyinstrument adds the time of every level: a walk of 21 levels that takes 1 s
# has 21 s in a program of 2 s. cProfile writes 1 s for the same program. gprof2dot takes the largest
# `cumtime` as the whole, so `walk` has 100 % in its graph, and `main`, which is all of the program, 10 %.
# pyinstrument's own report of the same run is right. Walks over trees, middlewares that call each
# other, and serialisers are recursive.
#
# Seen with pyinstrument 5.1.3, gprof2dot 2025.4.14 on Python 3.11. Exit code 0: still so. 1: it changed.
# Users meet it when they open a recording of a slow test script or service in snakeviz or gprof2dot.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet pyinstrument==5.1.3 gprof2dot==2025.4.14 2>/dev/null
cat >program.py <<'PY'
import time


def busy(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


def walk(depth):
    if depth:
        walk(depth - 1)
    else:
        busy(1)


def render():
    busy(1)


def main():
    walk(20)
    render()


main()
PY
venv/bin/pyinstrument -r pstats -o sampled.pstats program.py
python3 -m cProfile -o traced.pstats program.py
venv/bin/gprof2dot -f pstats -n 0 -e 0 sampled.pstats >graph.dot
cat >read.py <<'PY'
import pstats
import re
import sys

seconds = {}
for title in ("sampled", "traced"):
    stats = pstats.Stats(f"{title}.pstats")
    times = {key[2]: value[3] for key, value in stats.stats.items()}
    seconds[title] = {name: times[name] for name in ("main", "walk", "render")}
    named = "pyinstrument" if title == "sampled" else "cProfile"
    print(f"{named}, a program of {stats.total_tt:.1f} s:", {name: f"{time:.1f} s" for name, time in seconds[title].items()})
shares = {name: float(share) for name, share in re.findall(r'label="program:\d+:(\w+)\\n([\d.]+)%', open("graph.dot").read())}
print("gprof2dot, of pyinstrument's file:", {name: f"{shares[name]} %" for name in ("main", "walk", "render")})
one, other = seconds["sampled"], seconds["traced"]
holds = one["walk"] > 5 * one["main"] and other["walk"] < other["main"] and shares["walk"] > 99 and shares["main"] < 30
sys.exit(0 if holds else 1)
PY
venv/bin/pip list 2>/dev/null | grep -E '^(pyinstrument|gprof2dot) ' | tr -s ' '
venv/bin/python read.py
