#!/usr/bin/env bash
# flameshow shows a speedscope file in seconds as a graph without any time.
#
# The format of speedscope has a unit for each profile, and weights that may have fractions. flameshow
# rounds each weight down to a whole number of that unit before it adds them up. speedscope saves a
# recording of perf in seconds, and no sample of it lasts a whole one: each function, and the whole,
# has 0. In milliseconds, 1,000 samples of 1.9 ms are 1 s in place of 1.9 s, and a function with many
# samples of 0.9 ms has nothing beside one with few of 2 ms. In microseconds nothing is lost here.
# Traces of Chrome's format have the opposite fault: their times are always microseconds, and
# `displayTimeUnit` is only a wish for the viewer. flameshow takes it as the unit of the numbers: an event of
# 100 ms has "100000 milliseconds".
#
# Seen with flameshow 1.1.5, flamegraph-textual 0.1.2 on Python 3.11. Exit code 0: still so. 1: the
# behaviour changed.
# Users meet it when they open a profile or a trace of a service in a terminal.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check flameshow==1.1.5 flamegraph-textual==0.1.2
cat >open.py <<'PY'
import json
import sys
from importlib.metadata import version

from flamegraph_textual.parsers import parse

print(", ".join(f"{name} {version(name)}" for name in ("flameshow", "flamegraph-textual")))

def shown(name, title):
    with open(name, "rb") as file:
        profile = parse(file.read(), name)
    unit = profile.sample_types[0].sample_unit
    frames, open_frames = {}, [profile.root_stack]
    while open_frames:
        frame = open_frames.pop()
        frames[frame.name] = frame.values[0]
        open_frames += frame.children
    print(f"{title}; flameshow: {', '.join(f'{name} {value}' for name, value in frames.items() if name[0] in 'osq')}, in all {profile.root_stack.values[0]} {unit}")
    return profile.root_stack.values[0], unit, frames

def sampled(name, unit, stacks):
    """A profile of (function, number of samples, weight of each)."""
    names = [function for function, _, _ in stacks]
    samples = [[at] for at, (_, count, _) in enumerate(stacks) for _ in range(count)]
    weights = [weight for _, count, weight in stacks for _ in range(count)]
    total = sum(weights)
    profile = {"type": "sampled", "name": name, "unit": unit, "startValue": 0, "endValue": total, "samples": samples, "weights": weights}
    schema = "https://www.speedscope.app/file-format-schema.json"
    with open(name, "w") as file:
        json.dump({"$schema": schema, "shared": {"frames": [{"name": one} for one in names]}, "profiles": [profile]}, file)
    truth = ", ".join(f"{function} {count * weight:g}" for function, count, weight in stacks)
    result = shown(name, f"{unit}: {truth}")
    return [result[2].get(function) for function in names] + [result[0]]

seconds = sampled("seconds.json", "seconds", [("often", 1000, 0.0009), ("seldom", 100, 0.002)])
milli = sampled("milliseconds.json", "milliseconds", [("often", 1000, 0.9), ("seldom", 100, 2)])
micro = sampled("microseconds.json", "microseconds", [("often", 1000, 900), ("seldom", 100, 2000)])
event = {"ph": "X", "name": "query", "pid": 1, "tid": 1, "ts": 0, "dur": 100000}
with open("trace.json", "w") as file:
    json.dump({"traceEvents": [event], "displayTimeUnit": "ms"}, file)
trace = shown("trace.json", "a trace with an event of 100000 microseconds")
still = seconds == [0, 0, 0] and milli == [0, 200, 200] and micro == [900000, 200000, 1100000]
sys.exit(0 if still and trace[:2] == (100000, "milliseconds") else 1)
PY
venv/bin/python open.py
