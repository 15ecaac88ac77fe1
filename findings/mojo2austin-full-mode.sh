#!/usr/bin/env bash
# mojo2austin turns a second of sleep in a full recording of Austin into a second of work, and drops all memory.
#
# Austin samples Python. In its mode "full" (-f) each sample has three numbers: the time, 1 for a thread that was idle,
# and the memory that it took. Austin writes them as text (`9004,0,831488`) or, with -b, in its binary format MOJO. The
# help of mojo2austin promises to "convert MOJO files to Austin format". The head of its output has "mode: full" and
# each line has the time alone. Nothing is printed. So what waited has the weight of work in a flame graph of the
# output. `austin-compress` does the same to the text of Austin itself. The MOJO file has all three numbers, as the
# reader of the same package shows.
#
# Seen with austin-python 2.4.0 and austin-dist 3.7.0, Python 3.11. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they record time and memory of a service at once, and convert the file for a viewer.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check austin-python==2.4.0 austin-dist==3.7.0 protobuf==3.20.3
cat >service.py <<'PY'
import time

def work():
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        pass

def wait():
    time.sleep(1)

work()
wait()
work()
PY
venv/bin/austin --version
venv/bin/pip list --disable-pip-version-check 2>/dev/null | grep austin-python
# Austin samples its own child, so that no right beyond this is needed.
venv/bin/austin -i 5ms -f -b -o full.mojo venv/bin/python service.py >/dev/null
venv/bin/austin -i 5ms -f -o full.austin venv/bin/python service.py >/dev/null
venv/bin/mojo2austin full.mojo converted.austin
venv/bin/austin-compress full.austin compressed.austin
cat >check.py <<'PY'
import sys
from austin.events import AustinSample
from austin.format.collapsed_stack import AustinFileReader
from austin.format.mojo import MojoStreamReader

def sums(name, events):
    idle = all_of_wait = memory = marked = 0
    for event in events:
        if not isinstance(event, AustinSample):
            continue
        marked += event.idle is not None
        memory += abs(event.metrics.memory or 0)
        if event.frames and event.frames[-1].function == "wait":
            all_of_wait += event.metrics.time / 1e6
            idle += event.metrics.time / 1e6 if event.idle else 0
    print(f"{name}: wait has {all_of_wait:.2f} s, of which {idle:.2f} s are idle; {memory / 1e6:.1f} MB of memory")
    return all_of_wait, idle, memory, marked

with open("full.mojo", "rb") as file:
    mojo = sums("full.mojo", MojoStreamReader(file))
texts = {}
for name in ("full.austin", "converted.austin", "compressed.austin"):
    with open(name) as file, AustinFileReader(file) as reader:
        texts[name] = sums(name, reader)
        full = reader.metadata["mode"] == "full"
    if not full:
        sys.exit(1)
whole = (mojo, texts["full.austin"])
less = (texts["converted.austin"], texts["compressed.austin"])
right = all(0.8 < wait < 2 and idle > 0.8 and memory > 0 for wait, idle, memory, _ in whole)
sys.exit(0 if right and all(0.8 < wait < 2 and idle == 0 and memory == 0 and marked == 0 for wait, idle, memory, marked in less) else 1)
PY
venv/bin/python check.py
