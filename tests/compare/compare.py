#!/usr/bin/env python3
"""Compares the recordings that record.sh made of one program, and prints the
tables of docs/formats-compare.md as Markdown.

    compare.py [--rows N] [DIR]           DIR is record.sh's, target/compare

Everything is asked of `spikeflame fold`; SPIKEFLAME_BIN names another binary
than target/release/spikeflame.

The formats differ in what they call a sample's function: a tick log and perf
name builtins, C++ and the kernel where the sample was, a .cpuprofile charges
most of that to the JavaScript function that called it. What all have in common
is the innermost JavaScript function of the stack, so a function's *self share*
here is: the samples whose innermost JavaScript function it is, by all samples
with a JavaScript function and outside garbage collection and compiling.
"""

import json
import math
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "tests/compare/program/"

# A JavaScript label: `name file:line:column`. One without a column is of a
# format that has none, so columns are not compared.
JAVASCRIPT = re.compile(r"(?:(?P<name>.*) )?(?P<file>\S+):(?P<line>\d+):\d+(?P<inlined>_\[i\])?(?:_\[j\])?$")
# A tick log and a .cpuprofile take these out of the stack; in perf they are
# C++ functions like others.
APART = re.compile(
    r"^\((?:garbage collector|compiler|idle)\)|^Garbage Collection$"
    r"|v8::internal::(?:Heap::(?:CollectGarbage|PerformGarbageCollection)|Compiler::|Scavenger|MarkCompact)"
)

WAYS = {
    # way: file, flags of fold
    "prof": ("v8.log", ["--inlined", "collapse"]),
    "perf text": ("perf.txt", ["--inlined", "collapse"]),
    "perf.data": ("perf.data", ["--inlined", "collapse"]),
    "prof expand": ("v8.log", ["--annotate"]),
    "cpuprofile": ("node.cpuprofile", []),
    "pprof": ("pprof.pb.gz", ["--sample-type", "sample"]),
}


def die(message):
    sys.exit(f"compare: {message}")


def binary():
    given = os.environ.get("SPIKEFLAME_BIN")
    target = os.environ.get("CARGO_TARGET_DIR", ROOT / "target")
    path = Path(given or Path(target) / "release/spikeflame")
    return path if path.exists() else die(f"no {path}: cargo build --release")


class Recording:
    """One recording of one way: its samples by innermost JavaScript function."""

    def __init__(self, path, flags):
        self.self_weight = Counter()
        self.leafward = Counter()  # as V8's CpuProfiler charges them
        self.kernels = Counter()  # by the function under `round`
        self.apart = self.bare = 0
        command = [binary(), "fold", "--quiet", *flags, path]
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode:
            die(f"{' '.join(map(str, command))}: {done.stderr.decode(errors='replace').strip()}")
        for line in done.stdout.decode(errors="replace").splitlines():
            stack, weight = line.rsplit(" ", 1)
            self.add(stack.split(";"), int(weight))
        self.weight = self.self_weight.total()
        # What a sample weighs: 1, or microseconds in a .cpuprofile.
        self.samples = self.weight
        if path.suffix == ".cpuprofile":
            with open(path) as file:
                total = len(json.load(file)["samples"])
            self.samples = round(total * self.weight / (self.weight + self.apart + self.bare))

    def add(self, stack, weight):
        if any(APART.search(frame) for frame in stack):
            self.apart += weight
            return
        functions = [(at, found) for at, frame in enumerate(stack) if (found := JAVASCRIPT.match(frame))]
        if not functions:
            self.bare += weight
            return
        at, inner = functions[-1]
        self.self_weight[key(inner)] += weight
        for (_, caller), (_, callee) in zip(functions, functions[1:]):
            if caller["name"] == "round":
                self.kernels[callee["name"]] += weight
                break
        # V8's CpuProfiler looks up what was inlined for every frame of the
        # stack but the one that was running.
        if at == len(stack) - 1:
            while inner["inlined"] and functions[:-1]:
                functions.pop()
                inner = functions[-1][1]
        self.leafward[key(inner)] += weight


def key(match):
    name = match["name"] or ""
    return ("" if name == "<anonymous>" else name, Path(match["file"]).name, int(match["line"]))


class Way:
    """All recordings of one way with one Node version."""

    def __init__(self, recordings, shares=lambda recording: recording.self_weight):
        self.runs = [(shares(r), r.weight, r.samples) for r in recordings]
        whole = sum(r.weight + r.apart + r.bare for r in recordings)
        self.apart = sum(r.apart for r in recordings) / whole
        self.bare = sum(r.bare for r in recordings) / whole
        self.samples = sum(samples for _, _, samples in self.runs)
        self.dispersion = self.overdispersion()

    def share(self, function):
        """Each run counts by its samples."""
        return sum(by[function] / weight * n for by, weight, n in self.runs) / self.samples

    def top(self, rows):
        functions = set().union(*(by for by, _, _ in self.runs))
        return sorted(functions, key=lambda f: (-self.share(f), f))[:rows]

    def overdispersion(self):
        """How much more the runs' shares differ than random samples would:
        1 for random samples, None with one run. Over the hottest functions."""
        degrees = squares = 0
        for function in self.top(12):
            p = self.share(function)
            if len(self.runs) < 2 or not 0 < p < 1:
                continue
            squares += sum((by[function] / weight - p) ** 2 * n for by, weight, n in self.runs) / (p * (1 - p))
            degrees += len(self.runs) - 1
        return squares / degrees if degrees else None

    def effective(self):
        """How many independent samples would differ as these do."""
        return self.samples / max(1, self.dispersion or 1)


class Verdicts:
    """Counts what was compared, and what was outside."""

    def __init__(self):
        self.compared = self.outside = self.beyond_draws = 0

    def cells(self, function, mine, other):
        """`share | difference ± noise`, with a mark where it is outside."""
        p, q = mine.share(function), other.share(function)
        pooled = (p * mine.samples + q * other.samples) / (mine.samples + other.samples)

        def noise(one, two):
            return 1.96 * math.sqrt(pooled * (1 - pooled) * (1 / one + 1 / two))

        limit = noise(mine.effective(), other.effective())
        outside = abs(q - p) > limit
        self.compared += 1
        self.outside += outside
        self.beyond_draws += abs(q - p) > noise(mine.samples, other.samples)
        return f"{100 * q:.2f} | {100 * (q - p):+.2f} ± {100 * limit:.2f}{' **!**' if outside else ''}"

    def summary(self, name):
        return (
            f"`--prof` and {name}: {self.outside} of {self.compared} differences outside the noise"
            f" ({0.05 * self.compared:.0f} would be by chance);"
            f" {self.beyond_draws} if every sample were an independent draw."
        )


def label(function):
    name, file, line = function
    return f"`{name or '(anonymous)'}` {file}:{line}"


def table(base, others, verdicts, rows):
    """base and others: (heading, Way); base's hottest functions."""
    print(f"| # | function | {base[0]} |" + "".join(f" {name} | difference |" for name, _ in others))
    print("|--:|---|--:" + "|--:" * 2 * len(others) + "|")
    for rank, function in enumerate(base[1].top(rows), 1):
        cells = [verdicts.cells(function, base[1], way) for _, way in others]
        print(f"| {rank} | {label(function)} | {100 * base[1].share(function):.2f} | " + " | ".join(cells) + " |")
    print()


def expanded_table(expand, others):
    """The functions that expanding inlined code everywhere gives another share."""
    names = ["`--prof`, expanded everywhere", *(name for name, _ in others)]
    print("| function | " + " | ".join(names) + " |")
    print("|---" + "|--:" * len(names) + "|")
    for function in dict.fromkeys(expand.top(20) + others[0][1].top(20)):
        shares = [100 * way.share(function) for way in (expand, *(way for _, way in others))]
        if abs(shares[0] - shares[1]) >= 0.2:
            print(f"| {label(function)} | " + " | ".join(f"{share:.2f}" for share in shares) + " |")
    print()


def describe(ways):
    for name, way in ways:
        spread = ""
        if way.dispersion is not None:
            spread = f", whose shares vary {way.dispersion:.1f} times as those of random samples: worth {way.effective():.0f} independent ones"
        print(f"- {name}: {way.samples} samples in {len(way.runs)} run(s){spread}.")
        print(f"  Not among them: {100 * way.apart:.2f} % collecting garbage, compiling or idle, {100 * way.bare:.2f} % without a JavaScript function.")
    print()


def clock_table(folder, recordings):
    """Each recording beside what the clock said of each kernel in that run."""
    names = {"prof": "`--prof`", "perf text": "perf", "cpuprofile": ".cpuprofile", "pprof": "pprof"}
    runs = sorted(folder.glob("[0-9]*"))
    clocks, samples, counts = {}, {}, {}
    for way in names:
        recorded = "perf.data" if way == "perf text" else WAYS[way][0]
        clocks[way], samples[way] = Counter(), Counter()
        counts[way] = sum(recording.samples for recording in recordings[way])
        for run, recording in zip(runs, recordings[way]):
            with open(run / f"{recorded}.clock.json") as file:
                clock = json.load(file)["clock"]
            for kernel, spent in clock.items():
                clocks[way][kernel] += spent / sum(clock.values()) / len(runs)
                samples[way][kernel] += recording.kernels[kernel] / recording.kernels.total() / len(runs)
    print("| kernel and what it calls |" + "".join(f" {names[way]}: clock | samples − clock |" for way in names))
    print("|---" + "|--:" * 2 * len(names) + "|")
    for kernel, _ in clocks["prof"].most_common():
        row = f"| `{kernel}`"
        for way in names:
            p = clocks[way][kernel]
            noise = 1.96 * math.sqrt(p * (1 - p) / counts[way])
            row += f" | {100 * p:.2f} | {100 * (samples[way][kernel] - p):+.2f} ± {100 * noise:.2f}"
        print(row + " |")
    print()


def version(folder, rows, verdicts):
    runs = sorted(folder.glob("[0-9]*"))
    recordings = {
        way: [Recording(run / file, flags) for run in runs] for way, (file, flags) in WAYS.items()
    }
    print(f"## Node {(runs[0] / 'version').read_text().strip().lstrip('v')}\n")
    prof, text, data = (Way(recordings[way]) for way in ("prof", "perf text", "perf.data"))
    expand = Way(recordings["prof expand"])
    leafward = Way(recordings["prof expand"], lambda recording: recording.leafward)
    cpuprofile, pprof = Way(recordings["cpuprofile"]), Way(recordings["pprof"])
    describe([("`--prof`", prof), ("perf", text), (".cpuprofile", cpuprofile), ("pprof", pprof)])
    print("`--prof`, inlined functions collapsed, beside perf, whose maps know of no inlining:\n")
    table(("`--prof`", prof), [("perf text", text), ("perf.data", data)], verdicts["perf"], rows)
    print("`--prof`, inlined functions expanded but for the one that runs, as V8's CpuProfiler has it, beside what it made:\n")
    others = [(".cpuprofile", cpuprofile), ("pprof", pprof)]
    table(("`--prof`", leafward), others, verdicts["V8's CpuProfiler"], rows)
    print("`--prof` expanded everywhere (`--inlined expand`, the default) gives these another share:\n")
    expanded_table(expand, [("as above", leafward), *others])
    print("Each recording beside the clock of its own run:\n")
    clock_table(folder, recordings)


def main():
    rows, arguments = 10, sys.argv[1:]
    if arguments[:1] == ["--rows"] and len(arguments) > 1:
        rows, arguments = int(arguments[1]), arguments[2:]
    if len(arguments) > 1 or arguments[:1] and arguments[0].startswith("-"):
        die(__doc__)
    folder = Path(arguments[0] if arguments else ROOT / "target/compare")
    folders = sorted(folder.glob("node[0-9]*"))
    if not folders:
        die(f"no recordings in {folder}: tests/compare/record.sh")
    verdicts = {"perf": Verdicts(), "V8's CpuProfiler": Verdicts()}
    for node in folders:
        version(node, rows, verdicts)
    for name, verdict in verdicts.items():
        print(f"- {verdict.summary(name)}")


main()
