#!/usr/bin/env python3
"""Records samples/app and compares builds that are the same, and builds that are not.

    tests/accept/sessions.py OUT [--runs N] [--splits N]

The shop is recorded into OUT with `ab` and `record`: the same build on both sides in turn, the
planted change in turn, and both again one session after the other, where another program loads the
machine during the second session. The script prints how many rows `diff` flags in each comparison.
Then the runs of one build are split into two sides in many ways, which may flag at most one row
each. Recordings that are in OUT already are used again. SPIKEFLAME_BIN names the program.
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
SHOP = ROOT / "samples/app"
BUSY = "const end = Date.now() + 6e5; let at = 0; while (Date.now() < end) at = (at * 31 + 7) | 0;"


def spikeflame(*arguments, may_fail=False):
    environment = {**os.environ, "PORT": os.environ.get("PORT", "3977")}
    done = subprocess.run([PROGRAM, *map(str, arguments)], env=environment, capture_output=True, text=True)
    if done.returncode and not may_fail:
        sys.exit(f"{' '.join(map(str, arguments))}: {done.stderr}")
    return done


def load_of(seconds):
    return f"node {SHOP}/load.js $RUN/load.csv {seconds}"


def in_turn(out, name, side_b, runs, seconds):
    folder = out / name
    if not (folder / f"b-{runs}").is_dir():
        spikeflame("-q", "ab", "-o", folder, "--a", SHOP / "before", "--b", side_b, "--runs", runs,
                   "--load", load_of(seconds), "--", "node", "server.js")
    return [[folder / f"{side}-{at}" for at in range(1, runs + 1)] for side in "ab"]


def session(out, name, build, runs, seconds, busy):
    if not (out / f"{name}-{runs}").is_dir():
        hog = subprocess.Popen(["node", "-e", BUSY]) if busy else None
        spikeflame("-q", "record", "-o", out / name, "--repeat", runs, "--load", load_of(seconds),
                   "--", "node", SHOP / build / "server.js")
        if hog:
            hog.kill()
            hog.wait()
    return [out / f"{name}-{at}" for at in range(1, runs + 1)]


def compared(before, after, *more):
    sides = [word for run in before for word in ("--before", run)]
    sides += [word for run in after for word in ("--after", run)]
    done = spikeflame("-q", "diff", *sides, "--format", "json", *more)
    return json.loads(done.stdout)


def is_changed(row):
    return "changed" in (row["self"]["verdict"], row["total"]["verdict"])


def flagged(comparison):
    """The rows that changed, without those that another row explains."""
    return [row for row in comparison["functions"] if is_changed(row) and not row["explained_by"]]


def line(name, comparison, planted):
    rows = flagged(comparison)
    names = [row["name"] or row["label"] for row in rows]
    found = "findProduct" in names
    right = found if planted else not rows
    print(f"| {name} | {comparison['order']} | {comparison['evidence']} | {len(rows)} | "
          f"{'found' if found else '-'} | {', '.join(names[:4])} |", flush=True)
    return right


def splits(name, runs, most, right):
    """Splits runs of one build into two halves, each as one side."""
    half = len(runs) // 2
    ways = [way for way in itertools.combinations(range(len(runs)), half)
            if 2 * half < len(runs) or 0 in way]
    if len(ways) > most:
        ways = random.Random(1).sample(ways, most)
    counts = []
    for way in ways:
        before = [runs[at] for at in way]
        after = [run for at, run in enumerate(runs) if at not in way]
        rows = flagged(compared(before, after))
        counts.append(len(rows))
        if len(rows) > 1:
            print(f"  {name} {way}: {[row['label'] for row in rows]}", file=sys.stderr, flush=True)
    print(f"| {name}, {half} against {len(runs) - half} | {len(ways)} | {sum(count == 0 for count in counts)} | "
          f"{sum(count == 1 for count in counts)} | {sum(count > 1 for count in counts)} |", flush=True)
    return right and max(counts) <= 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--splits", type=int, default=40)
    given = parser.parse_args()
    out, runs, seconds = given.out.resolve(), given.runs, given.seconds
    out.mkdir(parents=True, exist_ok=True)
    same = in_turn(out, "turn-same", SHOP / "before", runs, seconds)
    planted = in_turn(out, "turn-planted", SHOP / "after", runs, seconds)
    calm = session(out, "calm", "before", runs, seconds, busy=False)
    loaded = session(out, "loaded", "before", runs, seconds, busy=True)
    changed = session(out, "changed", "after", runs, seconds, busy=True)
    moved = ["--path-map", f"{SHOP}/after={SHOP}/before"]
    right = True
    print(f"{runs} runs a side of {seconds} s\n")
    print("| sides | order | evidence | rows flagged | planted change | first rows |\n|---|---|---|---|---|---|")
    right &= line("same build, in turn", compared(*same), False)
    right &= line("planted change, in turn", compared(*planted), True)
    right &= line("same build, one session after the other", compared(calm, loaded), False)
    right &= line("planted change, one session after the other", compared(calm, changed, *moved), True)
    print("\n| runs of one build | splits | none flagged | one | more |\n|---|---|---|---|---|")
    right = splits("in turn", same[0] + same[1], given.splits, right)
    right = splits("two sessions", calm + loaded, given.splits, right)
    spike = ROOT.parent / "shared/data/spike"
    for build in ("before", "after") if spike.is_dir() else ():
        sides = sorted(spike.glob(f"{build}-*"))
        right = splits(f"NestJS spike, {build}", sides, given.splits, right)
    if not spike.is_dir():
        print("SKIPPED: the runs of the NestJS spike are not here", file=sys.stderr)
    sys.exit(0 if right else 1)


main()
