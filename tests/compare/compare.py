#!/usr/bin/env python3
"""Compares the recordings that record.sh made of one program, and prints the
tables of docs/formats-compare.md as Markdown.

    compare.py [--rows N] [--clock] [DIR]

DIR is record.sh's, target/compare. --clock also prints each way beside what the
clock said of each kernel.

Everything is asked of `spikeflame fold`; SPIKEFLAME_BIN names another binary
than target/release/spikeflame.

The formats differ in what they call a sample's function: a tick log and perf
name builtins, C++ and the kernel where the sample was, a .cpuprofile charges
most of that to the JavaScript function that called it. What all have in common
is the innermost JavaScript function of the stack, so a function's *self share*
here is: the samples whose innermost JavaScript function it is, by all samples
within the program's kernels and outside garbage collection and compiling. What
lies between kernels, the loop and its clock, is the comparison's own.

Two recordings are two runs, and the program itself runs differently from run to
run. Each run's clock says how: a share is expected to go with the time that its
kernel took. What is left of a difference is held against the noise of sampling
alone, that of so many independent draws.
"""

import argparse
import json
import math
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path
from statistics import NormalDist

ROOT = Path(__file__).resolve().parents[2]
ROWS = 10

# A JavaScript label: `name file:line:column`. One without a column is of a
# format that has none, so columns are not compared.
JAVASCRIPT = re.compile(r"(?:(?P<name>.*) )?(?P<file>\S+):(?P<line>\d+):\d+(?P<inlined>_\[i\])?(?:_\[j\])?$")
# A tick log and a .cpuprofile take these out of the stack; in perf they are
# C++ functions like others.
APART = re.compile(
    r"^\((?:garbage collector|compiler|idle)\)|^Garbage Collection$"
    r"|v8::internal::(?:Heap::(?:CollectGarbage|PerformGarbageCollection)|Compiler::|Scavenger|MarkCompact)"
)

# way: file, flags of fold. All of one way of recording, by whether a sample is
# charged to what was inlined: not at all, at all frames but the running one as
# V8's CpuProfiler does it (`leafward`), or everywhere.
WAYS = {
    "prof": ("v8.log", ["--inlined", "collapse"]),
    "perf": ("perf.data", ["--inlined", "collapse", "--count", "samples"]),
    "perf text": ("perf.txt", ["--inlined", "collapse", "--count", "samples"]),
    "prof expand": ("v8.log", ["--annotate"]),
    "cpuprofile": ("node.cpuprofile", []),
    "pprof": ("pprof.pb.gz", ["--sample-type", "sample"]),
}
NAMES = {"prof": "`--prof`", "perf": "perf", "cpuprofile": ".cpuprofile", "pprof": "pprof"}


def die(message):
    sys.exit(f"compare: {message}")


def binary():
    given = os.environ.get("SPIKEFLAME_BIN")
    target = os.environ.get("CARGO_TARGET_DIR", ROOT / "target")
    path = Path(given or Path(target) / "release/spikeflame")
    return path if path.exists() else die(f"no {path}: cargo build --release")


class Recording:
    """One recording of one way: its samples by innermost JavaScript function,
    and what the clock of that run said of each kernel."""

    def __init__(self, run, file, flags):
        self.self_samples = Counter()
        self.leafward = Counter()  # as V8's CpuProfiler charges them
        self.kernels = Counter()  # by the function under `round`
        self.kernel_of = defaultdict(Counter)  # function: kernels it ran under
        self.apart = self.bare = self.between = 0
        recorded = "perf.data" if file == "perf.txt" else file
        with open(run / f"{recorded}.clock.json") as clock:
            spent = json.load(clock)["clock"]
        self.clock = {kernel: time / sum(spent.values()) for kernel, time in spent.items()}
        command = [binary(), "fold", "--quiet", *flags, run / file]
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode:
            die(f"{' '.join(map(str, command))}: {done.stderr.decode(errors='replace').strip()}")
        for line in done.stdout.decode(errors="replace").splitlines():
            stack, samples = line.rsplit(" ", 1)
            self.add(stack.split(";"), int(samples))
        self.samples = self.self_samples.total()

    def add(self, stack, samples):
        if any(APART.search(frame) for frame in stack):
            self.apart += samples
            return
        functions = [(at, found) for at, frame in enumerate(stack) if (found := JAVASCRIPT.match(frame))]
        if not functions:
            self.bare += samples
            return
        under_round = (
            callee["name"] for (_, caller), (_, callee) in zip(functions, functions[1:]) if caller["name"] == "round"
        )
        kernel = next(under_round, None)
        if kernel not in self.clock:
            self.between += samples
            return
        at, inner = functions[-1]
        self.kernels[kernel] += samples
        charged = key(inner)
        self.self_samples[charged] += samples
        # V8's CpuProfiler looks up what was inlined for every frame of the
        # stack but the one that was running.
        if at == len(stack) - 1:
            while inner["inlined"] and functions[:-1]:
                functions.pop()
                inner = functions[-1][1]
        self.leafward[key(inner)] += samples
        for function in {key(inner), charged}:
            self.kernel_of[function][kernel] += samples


def key(match):
    name = match["name"] or ""
    return ("" if name == "<anonymous>" else name, Path(match["file"]).name, int(match["line"]))


class Way:
    """All recordings of one way with one Node version."""

    def __init__(self, recordings, charged=lambda recording: recording.self_samples):
        self.runs = [(charged(r), r) for r in recordings]
        self.samples = sum(r.samples for r in recordings)
        whole = sum(r.samples + r.apart + r.bare + r.between for r in recordings)
        self.apart = sum(r.apart for r in recordings) / whole
        self.bare = sum(r.bare for r in recordings) / whole
        self.between = sum(r.between for r in recordings) / whole
        self.kernel_of = defaultdict(Counter)
        for recording in recordings:
            for function, kernels in recording.kernel_of.items():
                self.kernel_of[function].update(kernels)

    def share(self, function):
        return sum(by[function] for by, _ in self.runs) / self.samples

    def kernel(self, function):
        """The kernel that the function runs under."""
        return self.kernel_of[function].most_common(1)[0][0]

    def clock(self, kernel):
        """The kernel's share by the clock of these runs."""
        return sum(r.clock[kernel] * r.samples for _, r in self.runs) / self.samples

    def top(self, rows):
        functions = set().union(*(by for by, _ in self.runs))
        return sorted(functions, key=lambda f: (-self.share(f), f))[:rows]

    def spread(self, with_clock):
        """How much more the runs' shares differ than independent draws would,
        as a sum of squares and its degrees of freedom; after the clock of each
        run is taken out, or before. Over the hottest functions."""
        squares = degrees = 0
        for function in self.top(ROWS):
            pooled = self.share(function)
            kernel = self.kernel(function)
            clock = self.clock(kernel)
            for by, run in self.runs:
                expected = pooled * (run.clock[kernel] / clock if with_clock else 1)
                squares += (by[function] / run.samples - expected) ** 2 * run.samples / (expected * (1 - expected))
            degrees += len(self.runs) - 1
        return squares, degrees


class Difference:
    """What `other` gives a function beside what `base` gives it."""

    def __init__(self, function, base, other):
        self.function = function
        self.base, self.other = base.share(function), other.share(function)
        self.whole = self.other - self.base
        kernel = base.kernel(function)
        ratio = other.clock(kernel) / base.clock(kernel)
        # The difference of the program itself between the two sets of runs.
        self.program = self.base * (ratio - 1)
        self.left = self.whole - self.program

        def variance(share, samples):
            return share * (1 - share) / samples

        mine, theirs = variance(self.base, base.samples), variance(self.other, other.samples)
        self.drawn = 1.96 * math.sqrt(mine + theirs)
        self.noise = 1.96 * math.sqrt(mine * ratio**2 + theirs)

    def deviations(self):
        return abs(self.left) / self.noise * 1.96

    def outside(self):
        return abs(self.left) > self.noise

    def text(self):
        mark = " **!**" if self.outside() else ""
        return f"{100 * self.left:+.2f} ± {100 * self.noise:.2f}{mark}"

    def cells(self):
        return f"{100 * self.other:.2f} | {100 * self.whole:+.2f} | {self.text()}"


def label(function):
    name, file, line = function
    return f"`{name or '(anonymous)'}` {file}:{line}"


def table(base, others, rows):
    """The hottest functions of `base`, a `--prof`, beside others."""
    print("| # | function | `--prof` |" + "".join(f" {name} | difference | left |" for name, _ in others))
    print("|--:|---|--:" + "|--:" * 3 * len(others) + "|")
    for rank, function in enumerate(base.top(rows), 1):
        cells = [Difference(function, base, way).cells() for _, way in others]
        print(f"| {rank} | {label(function)} | {100 * base.share(function):.2f} | " + " | ".join(cells) + " |")
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


def clock_table(ways):
    """Each recording beside what the clock said of each kernel in that run."""
    print("| kernel and what it calls | clock |" + "".join(f" {NAMES[way]} |" for way in ways))
    print("|---|--:" + "|--:" * len(ways) + "|")
    kernels = sorted(ways["prof"].runs[0][1].clock, key=lambda kernel: -ways["prof"].clock(kernel))
    for kernel in kernels:
        row = f"| `{kernel}` | {100 * ways['prof'].clock(kernel):.2f}"
        for way in ways.values():
            p = way.clock(kernel)
            drawn = sum(r.kernels[kernel] for _, r in way.runs) / way.samples
            noise = 1.96 * math.sqrt(p * (1 - p) / way.samples)
            row += f" | {100 * (drawn - p):+.2f} ± {100 * noise:.2f}"
        print(row + " |")
    print()


class Version:
    """All recordings with one version of Node."""

    def __init__(self, folder):
        self.runs = sorted(folder.glob("[0-9]*"))
        self.name = (self.runs[0] / "version").read_text().strip().lstrip("v")
        recordings = {way: [Recording(run, *WAYS[way]) for run in self.runs] for way in WAYS}
        self.ways = {way: Way(recordings[way]) for way in WAYS}
        self.leafward = Way(recordings["prof expand"], lambda recording: recording.leafward)
        differ = [
            run.name
            for run, data, text in zip(self.runs, recordings["perf"], recordings["perf text"])
            if data.self_samples != text.self_samples
        ]
        self.perf_differs = differ and f"run {', '.join(differ)}"

    def pairs(self):
        """Each way but `--prof`, beside what of `--prof` it can be held against."""
        yield "perf", self.ways["prof"]
        yield "cpuprofile", self.leafward
        yield "pprof", self.leafward

    def compared(self, rows):
        """Each way, and the differences of the hottest functions."""
        for way, base in self.pairs():
            top = base.top(rows)
            common = len(set(top) & set(self.ways[way].top(rows)))
            yield way, common, [Difference(function, base, self.ways[way]) for function in top]

    def details(self, rows, with_clock):
        print(f"### Node {self.name}\n")
        for way, name in NAMES.items():
            of = self.ways[way]
            print(
                f"- {name}: {of.samples} samples in kernels. Of all, {100 * of.between:.2f} % are between"
                f" kernels, {100 * of.apart:.2f} % collect garbage, compile or idle, {100 * of.bare:.2f} % have"
                " no JavaScript function."
            )
        print("\n`--prof` with inlined functions collapsed, and perf:\n")
        table(self.ways["prof"], [("perf", self.ways["perf"])], rows)
        print("`--prof` with inlined functions expanded but for the one that runs, and V8's CpuProfiler:\n")
        others = [(NAMES[way], self.ways[way]) for way in ("cpuprofile", "pprof")]
        table(self.leafward, others, rows)
        print("<details><summary>What expanding the running function too (the default) changes</summary>\n")
        expanded_table(self.ways["prof expand"], [("as above", self.leafward), *others])
        print("</details>\n")
        if with_clock:
            print("Samples less clock, each recording by that of its own runs:\n")
            clock_table({way: self.ways[way] for way in NAMES})


def summary(versions, rows):
    print(
        f"| Node | `--prof` and | in both top {rows} | as recorded: outside | largest"
        " | without the program's own: outside | farthest |"
    )
    print("|---|---|" + "--:|" * 4 + "---|")
    everything = []
    for version in versions:
        for way, common, differences in version.compared(rows):
            everything += differences
            farthest = max(differences, key=Difference.deviations)
            print(
                f"| {version.name} | {NAMES[way]} | {common}"
                f" | {sum(abs(d.whole) > d.drawn for d in differences)}"
                f" | {max(100 * abs(d.whole) for d in differences):.2f}"
                f" | {sum(d.outside() for d in differences)}"
                f" | `{farthest.function[0] or '(anonymous)'}` {farthest.text()} |"
            )
    print()
    compared = len(everything)
    outside = sum(d.outside() for d in everything)
    largest = max(d.deviations() for d in everything)
    by_chance = NormalDist().inv_cdf(1 - 0.025 / compared)
    print(f"- {outside} of {compared} differences are outside the noise of sampling; by chance it would be {0.05 * compared:.1f}.")
    print(f"- The farthest is {largest:.1f} standard errors off; of {compared}, chance alone stays within {by_chance:.1f} in 95 % of cases.")
    differ = [f"{version.name}, {version.perf_differs}" for version in versions if version.perf_differs]
    alike = f"differ: {'; '.join(differ)}" if differ else "give every function the same samples in every run"
    print(f"- `perf.data` and the text of `perf script` {alike}.")
    if min(len(version.runs) for version in versions) > 1:
        ways = [version.ways[way] for version in versions for way in NAMES]
        (raw, degrees), (clocked, _) = (
            map(sum, zip(*(way.spread(with_clock) for way in ways))) for with_clock in (False, True)
        )
        chance = 1.96 * math.sqrt(2 / degrees)
        print(
            f"- Runs of one way vary {raw / degrees:.1f} times as much as independent draws (in variance), and"
            f" {clocked / degrees:.1f} times without the program's own; by chance {1 - chance:.1f} to {1 + chance:.1f}."
        )
    print()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--clock", action="store_true")
    parser.add_argument("dir", metavar="DIR", nargs="?", type=Path, default=ROOT / "target/compare")
    options = parser.parse_args()
    folders = sorted(options.dir.glob("node[0-9]*"))
    if not folders:
        die(f"no recordings in {options.dir}: tests/compare/record.sh")
    versions = [Version(node) for node in folders]
    summary(versions, options.rows)
    for version in versions:
        version.details(options.rows, options.clock)


main()
