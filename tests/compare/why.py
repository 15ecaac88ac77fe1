#!/usr/bin/env python3
"""Prints, from the recordings of record.sh, the evidence for what
docs/formats-compare.md says of why they differ. It reads the files itself, by
another way than spikeflame does.

    why.py [DIR]           DIR is record.sh's, target/compare
"""

import json
import re
import sys
from bisect import bisect_right
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# A builtin that every comparison of a sort goes through.
CALLED_OFTEN = "SortCompareUserFn"


def inlined(run):
    """The lines that a .cpuprofile says `mixer` itself spent its samples on."""
    with open(run / "node.cpuprofile") as file:
        profile = json.load(file)
    lines = Counter()
    for node in profile["nodes"]:
        if node["callFrame"]["functionName"] == "mixer":
            for tick in node.get("positionTicks", ()):
                lines[tick["line"]] += tick["ticks"]
    text = (ROOT / "tests/compare/program/main.js").read_text().splitlines()

    def function_at(line):
        return next(m[1] for at in range(line, 0, -1) if (m := re.match(r"function (\w+)", text[at - 1])))

    by_function = Counter()
    for line, ticks in lines.items():
        by_function[f"{function_at(line)}'s"] += ticks
    return dict(by_function)


def bursts(run):
    """Samples of a .cpuprofile less than 50 us after the one before."""
    with open(run / "node.cpuprofile") as file:
        profile = json.load(file)
    names = {node["id"]: node["callFrame"]["functionName"] for node in profile["nodes"]}
    close = Counter(names[s] for s, delta in zip(profile["samples"], profile["timeDeltas"]) if delta < 50)
    return dict(close.most_common(2)), len(profile["samples"])


def tick_log(run):
    """Ticks without an address, and the offsets of those in CALLED_OFTEN."""
    bare = ticks = 0
    offsets = Counter()
    start = end = None
    with open(run / "v8.log", errors="replace") as file:
        for line in file:
            if line.startswith("code-creation,Builtin,") and line.rstrip().endswith("," + CALLED_OFTEN):
                fields = line.split(",")
                start, end = int(fields[4], 16), int(fields[4], 16) + int(fields[5])
            elif line.startswith("tick,"):
                pc = int(line.split(",", 2)[1], 16)
                ticks += 1
                bare += pc == 0
                if start and start <= pc < end:
                    offsets[pc - start] += 1
    return bare, ticks, offsets


def perf_offsets(run):
    offsets, leaf = Counter(), False
    with open(run / "perf.txt", errors="replace") as file:
        for line in file:
            if leaf and (found := re.search(rf"\b(?:Builtins_|Builtin:){CALLED_OFTEN}\+0x([0-9a-f]+)", line)):
                offsets[int(found[1], 16)] += 1
            leaf = not line.startswith(("\t", " ")) and line.strip() != ""
    return offsets


def hidden_callers(run):
    """Ticks in KeyedLoadIC_Megamorphic, only buildTree's, by the innermost function."""
    spans = {}
    below = Counter()
    with open(run / "v8.log", errors="replace") as file:
        starts = []
        for line in file:
            fields = line.rstrip("\n").split(",")
            if fields[0] == "code-creation":
                spans[int(fields[4], 16)] = int(fields[5]), fields[6]
                starts = []
            elif fields[0] == "tick":
                starts = starts or sorted(spans)

                def name(address):
                    at = bisect_right(starts, address) - 1
                    if at < 0 or address >= starts[at] + spans[starts[at]][0]:
                        return ""
                    return spans[starts[at]][1].split(" ")[0]

                if name(int(fields[1], 16)) == "KeyedLoadIC_Megamorphic" and len(fields) > 6:
                    below[name(int(fields[6], 16))] += 1
    return dict(below.most_common(2))


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target/compare")
    for node in sorted(folder.glob("node[0-9]*")):
        for run in sorted(node.glob("[0-9]*")):
            bare, ticks, prof = tick_log(run)
            perf = perf_offsets(run)
            close, samples = bursts(run)
            print(f"{node.name}, run {run.name}")
            print(f"  .cpuprofile: samples on mixer, by whose line they are on: {inlined(run)}")
            print(f"  .cpuprofile: samples within 50 us of the one before: {close} of {samples}")
            print(f"  --prof: ticks without an address: {bare} of {ticks}")
            # Node 20 runs a copy of its builtins, at addresses that no record names.
            if prof:
                print(
                    f"  {CALLED_OFTEN}, samples on its first two instructions: "
                    f"--prof {prof[0] + prof[1]} of {prof.total()}, perf {perf[0] + perf[1]} of {perf.total()}"
                )
            if prof:
                print(f"  --prof: ticks in KeyedLoadIC_Megamorphic by the function next in the stack: {hidden_callers(run)}")


main()
