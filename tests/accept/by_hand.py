"""Prints how often a function that was removed is taken for one that was written into its caller, and the
reverse, for parts of its cost that the caller takes back (`BY_HAND` in crates/diff/src/rows.rs).

    tests/accept/by_hand.py [SPIKEFLAME [DATA]]

All runs are of one build: those of ../shared/data/spike under load, and those of ../shared/data/noise, in all
splits of three runs into one and two, and of five runs. A callee with 30 samples or more, of which 90 % are below
one caller, is taken out of the side after. It is removed, or its cost is added to the caller.
"""

import collections
import itertools
import pathlib
import subprocess
import sys

SPIKEFLAME = sys.argv[1] if len(sys.argv) > 1 else "target/debug/spikeflame"
DATA = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else pathlib.Path(__file__).resolve().parents[3] / "shared/data")
GROUPS = [
    [DATA / f"spike/{side}-{n}" for n in (1, 2, 3)] for side in ("before", "after")
] + [[DATA / f"noise/same-code-{n}.cpuprofile.zst" for n in range(1, 6)]]


def read(run):
    window = ["--window", "load"] if run.is_dir() else []
    text = subprocess.run(
        [SPIKEFLAME, "fold", "-q", run, *window], capture_output=True, text=True, check=True
    ).stdout
    own, below = collections.Counter(), collections.Counter()
    for line in text.splitlines():
        stack, count = line.rsplit(" ", 1)
        frames = stack.split(";")
        own[frames[-1]] += float(count)
        below[tuple(frames[-2:])] += float(count)
    return own, below, sum(own.values())


def pairs(runs):
    """Returns the share of the callee, and of the caller before and after, for each pair of each split."""
    places = set(range(len(runs)))
    splits = [set(one) for size in range(1, len(runs)) for one in itertools.combinations(places, size)]
    for before in splits:
        sides = [[runs[at] for at in sorted(side)] for side in (before, places - before)]
        sizes = [sum(run[2] for run in side) for side in sides]

        def share(name, at):
            return sum(run[0][name] for run in sides[at]) / sizes[at]

        for pair in sorted(set().union(*(run[1] for run in sides[0])), key=str):
            if len(pair) < 2 or pair[0] == pair[1] or pair[0].startswith("Builtin"):
                continue
            caller, callee = pair
            samples = sum(run[0][callee] for run in sides[0])
            alone = sum(run[1][pair] for run in sides[0]) >= 0.9 * samples
            if samples >= 30 and alone and not callee.startswith(("Builtin", "(")):
                yield share(callee, 0), share(callee, 1), share(caller, 0), share(caller, 1)


found = [pair for group in GROUPS for pair in pairs([read(run) for run in group])]
print(f"{len(found)} pairs of caller and callee; the code costs 1, 0.75 or 0.5 times as much in its caller\n")
print("| part | removed, taken for moved | moved, taken for removed: 1 | 0.75 | 0.5 |\n|--:|--:|--:|--:|--:|")
for part in (0.2, 0.3, 1 / 3, 0.4, 0.45, 0.5, 0.6):
    removed = sum(now - was >= part * cost for cost, _, was, now in found) / len(found)
    moved = [
        sum(now + times * there - was < part * cost for cost, there, was, now in found) / len(found)
        for times in (1, 0.75, 0.5)
    ]
    print(f"| {part:.2f} | " + " | ".join(f"{100 * share:.1f} %" for share in (removed, *moved)) + " |")
