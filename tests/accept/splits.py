#!/usr/bin/env python3
"""Splits runs of one build into two sides in many ways, and counts the rows that `diff` flags.

    tests/accept/splits.py [--splits N] RUN RUN RUN...

All runs are of one build, so each flagged row is a false one. The script prints a row of a Markdown
table, and exits with 1 when a split flags more than one cause. `tests/accept/aa.sh` records such
runs: `tests/accept/splits.py target/aa/first-* target/aa/second-*`. SPIKEFLAME_BIN names the program.
"""

import argparse
import itertools
import json
import os
import pathlib
import random
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("SPIKEFLAME_BIN", str(ROOT / "target/release/spikeflame"))


def causes(before, after):
    """The rows that changed, without those that another row explains."""
    sides = [word for run in before for word in ("--before", run)]
    sides += [word for run in after for word in ("--after", run)]
    done = subprocess.run([PROGRAM, "-q", "diff", *sides, "--format", "json"], capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    rows = json.loads(done.stdout)["functions"]
    return [row["label"] for row in rows if not row["explained_by"]
            and "changed" in (row["self"]["verdict"], row["total"]["verdict"])]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--splits", type=int, default=40)
    given = parser.parse_args()
    runs, half = given.runs, len(given.runs) // 2
    ways = [way for way in itertools.combinations(range(len(runs)), half)
            if 2 * half < len(runs) or 0 in way]
    if len(ways) > given.splits:
        ways = random.Random(1).sample(ways, given.splits)
    counts = []
    for way in ways:
        rest = [run for at, run in enumerate(runs) if at not in way]
        flagged = causes([runs[at] for at in way], rest)
        counts.append(len(flagged))
        if len(flagged) > 1:
            print(f"{way}: {flagged}", file=sys.stderr, flush=True)
    more = sum(count > 1 for count in counts)
    print("| sides | splits | no cause flagged | one | more |\n|---|--:|--:|--:|--:|")
    print(f"| {half} against {len(runs) - half} | {len(ways)} | {counts.count(0)} | {counts.count(1)} | {more} |")
    sys.exit(1 if more else 0)


main()
