#!/usr/bin/env bash
# yapflame draws a function that used nine tenths of the time as wide as one that used a tenth, when both call one helper.
#
# The package makes a flame graph of what yappi measured. yappi knows how long a function ran for each of its callers.
# yapflame takes the time of the function over all of its callers, and puts it with everything below under each of
# them. Here `render` calls `work` nine times and `query` calls it once: both are drawn with the same width, half of
# the graph each, and the graph holds twice the time of the program. With three callers it would be three times, and
# helpers of helpers multiply. The label of the thread has the right sum. Nothing tells that a width is no measurement.
# When each caller has a helper of its own, as in the second program, the widths are right.
#
# Seen with yapflame 0.1.3, yappi 1.7.6 on Python 3.11. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when handlers share a helper, such as a serializer or a client of a database.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check yapflame==0.1.3 yappi==1.7.6
cat >draw.py <<'PY'
import sys
from importlib.metadata import version

import yapflame
import yappi

# One helper for both callers, or two helpers with the same code.
def work():
    for _ in range(2_000_000): pass
def draw():
    for _ in range(2_000_000): pass
def fetch():
    for _ in range(2_000_000): pass
def render():
    for _ in range(9): work()
def query(): work()
def render_alone():
    for _ in range(9): draw()
def query_alone(): fetch()
def shared(): render(); query()
def apart(): render_alone(); query_alone()

def width(node):
    return node["value"] + sum(width(child) for child in node["children"])

def find(node, name):
    if node["name"] == name:
        return node
    return next((hit for hit in (find(child, name) for child in node["children"]) if hit), None)

print(f"yapflame {version('yapflame')}, yappi {version('yappi')}, Python {sys.version.split()[0]}")
shares = {}
for program, names in ((shared, ("render", "query")), (apart, ("render_alone", "query_alone"))):
    with yapflame.profile(clock="cpu") as profile:
        program()
        truth = {stat.name: stat.ttot for stat in yappi.get_func_stats()}
    graph = find(profile.data["threads"][0]["data"], program.__name__)
    drawn = [width(find(graph, name)) / 1000 for name in names]
    whole = truth[program.__name__]
    for name, seconds in zip(names, drawn):
        print(f"{program.__name__}: {name} ran for {truth[name]:.2f} s of {whole:.2f} s, and is drawn as {seconds:.2f} s of {width(graph) / 1000:.2f} s")
    shares[program.__name__] = (truth[names[0]] / whole, drawn[0] / sum(drawn), width(graph) / 1000 / whole)
print("share of the first function by yappi and in the graph, and length of the graph for 1 s:", {name: tuple(round(part, 2) for part in parts) for name, parts in shares.items()})
(true, seen, length), (control, other, one) = shares["shared"], shares["apart"]
wrong = true > 0.8 and abs(seen - 0.5) < 0.02 and length > 1.8
sys.exit(0 if wrong and abs(other - control) < 0.02 and abs(one - 1) < 0.05 else 1)
PY
venv/bin/python draw.py
