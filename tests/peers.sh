#!/usr/bin/env bash
# Reads the public fixtures of other projects and holds what comes out against what the
# files themselves say. Fetches nothing: give it a folder with checkouts, or parts of them,
# of google/pprof (profile/testdata), firefox-devtools/profiler (src/test/fixtures),
# jlfwong/speedscope (sample/profiles), jonhoo/inferno (tests/data), or any other files.
# Needs python3, and zstd for .zst.
#
#   tests/peers.sh FOLDER [SPIKEFLAME]      SPIKEFLAME: target/release/spikeflame, or debug
#
# A file is right when the weight of all its stacks, with or without that which warnings count
# as lost, is what python counts in it (for perf text of inferno: when the folded stacks are
# the same bytes), wrong when it is not,
# refused when the message names what the file is, unnamed when it does not, and unchecked
# when it is read and nothing is known to hold it against. Fails when something is wrong.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=${1:?peers: expected a folder of fixtures}
binary=${2:-}
for at in target/release/spikeflame target/debug/spikeflame; do
  [[ -n $binary || ! -x $at ]] || binary=$at
done
[[ -x $binary ]] || { echo 'peers: no spikeflame: cargo build --release' >&2; exit 2; }
exec python3 - "$folder" "$binary" <<'PYTHON'
import gzip, json, re, subprocess, sys
from collections import Counter
from pathlib import Path

folder, binary = Path(sys.argv[1]), sys.argv[2]
SKIP = {".svg", ".md", ".js", ".map", ".html", ".ts", ".snap", ".sh", ".py", ".dot", ".rs", ".pl", ".php", ".awk", ".d",
        ".yml", ".tsx"}
NAMELESS = ("not a recording that Spikeflame knows", "JSON, but no recording", "binary data")


def run(path, *flags):
    done = subprocess.run([binary, "fold", "--idle", "keep", *flags, str(path)],
                          capture_output=True, timeout=600)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


def unpacked(path):
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        return gzip.decompress(data)
    if data[:4] == b"\x28\xb5\x2f\xfd":
        return subprocess.run(["zstd", "-dcq", path], check=True, capture_output=True).stdout
    return data


def covered(events):
    """Nanoseconds in which a thread has an event open, of B, E and X in order."""
    threads = {}
    for event in events:
        if event.get("ph") in ("B", "E", "X") and "ts" in event:
            threads.setdefault((event.get("pid"), event.get("tid")), []).append(event)
    total = 0
    for list_ in threads.values():
        spans, open_, last = [], [], 0
        for e in sorted(list_, key=lambda e: float(e["ts"])):
            at = round(float(e["ts"]) * 1000)
            end = round((float(e["ts"]) + float(e.get("dur", e.get("tdur", 0)) or 0)) * 1000)
            last = max(last, end if e["ph"] == "X" else at)
            if e["ph"] == "X":
                spans.append((at, end))
            elif e["ph"] == "B":
                open_.append((e.get("name"), at))
            else:
                names = [name for name, _ in open_]
                if e.get("name") in names or "name" not in e and names:
                    place = len(names) - 1 - names[::-1].index(e.get("name", names[-1]))
                    spans.append((open_.pop(place)[1], at))
        spans += [(at, last) for _, at in open_]
        reached = None
        for start, end in sorted(spans):
            if reached is None or start > reached:
                reached = start
            if end > reached:
                total += end - reached
                reached = end
    return total


def of_firefox(profile):
    inner = profile.get("profile")
    profile = inner if isinstance(inner, dict) else profile
    total, kinds = 0, set()
    for thread in profile.get("threads", []):
        if not isinstance(thread, dict) or not isinstance(thread.get("samples"), dict):
            continue
        samples = thread.get("samples", {})
        kinds.add(samples.get("weightType", "samples"))
        if "data" in samples:
            total += len(samples["data"])
        else:
            weight = samples.get("weight") or [1] * len(samples.get("stack", []))
            total += sum(1 if w is None else w for w in weight)
    total += sum(of_firefox(part) or 0 for part in profile.get("processes", []) if isinstance(part, dict))
    return total if kinds <= {"samples"} else None


def of_json(text):
    try:
        doc = json.loads(text.rstrip().rstrip(b",") + b"]" if text.lstrip()[:1] == b"[" and not text.rstrip().endswith(b"]") else text)
    except ValueError:
        return None
    inner = doc.get("profile", doc) if isinstance(doc, dict) else {}
    if isinstance(inner, dict) and "threads" in inner and "meta" in inner:
        return of_firefox(doc)
    if isinstance(doc, dict) and "samples" in doc and "stackFrames" in doc:
        return len(doc["samples"])
    if isinstance(doc, dict) and "nodes" in doc:
        return len(doc["samples"]) if doc.get("samples") else sum(n.get("hitCount", 0) for n in doc["nodes"])
    if isinstance(doc, dict) and "head" in doc and "samples" in doc:
        return len(doc["samples"])
    events = doc.get("traceEvents") if isinstance(doc, dict) else doc
    if isinstance(events, list) and events and all(isinstance(e, dict) for e in events):
        chunks = [e for e in events if e.get("name") == "ProfileChunk"]
        whole = [e for e in events if e.get("name") == "CpuProfile"]
        if chunks:
            return sum(len(e["args"].get("data", {}).get("cpuProfile", {}).get("samples", [])) for e in chunks)
        if whole:
            return sum(len(e["args"]["data"]["cpuProfile"]["samples"]) for e in whole)
        return covered(events)
    if isinstance(doc, dict) and "profiles" in doc and "shared" in doc:
        kinds = {p.get("unit") for p in doc["profiles"]}
        if kinds == {"none"} and all(p["type"] == "sampled" for p in doc["profiles"]):
            return sum(sum(p["weights"]) for p in doc["profiles"])
    return None


EVENT = re.compile(r"^\s*\S.*?\s\d+(?:/\d+)?\s+(?:\[\d+\]\s+)?\d+\.\d+:\s+(?:(\d+)\s+)?([^\s:](?:\S*[^\s:])?):*(?:\s|$)")


def of_perf(lines):
    """The sum of the first event's periods, or its number of samples when it has none."""
    events = [found for found in map(EVENT.match, lines) if found]
    own = [int(e.group(1) or 1) for e in events if e.group(2) == events[0].group(2)]
    return sum(own) if own else None


def fields(data):
    """The fields of a protobuf message: numbers, and values as integers or bytes."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        key = varint()
        if key & 7 == 0:
            yield key >> 3, varint()
        else:
            size = {1: 8, 5: 4}.get(key & 7) or varint()
            if key & 7 not in (1, 2, 5) or at + size > len(data):
                raise ValueError(key)
            yield key >> 3, data[at:at + size]
            at += size


def varints(data):
    """The numbers of a packed field."""
    values, value, shift = [], 0, 0
    for byte in data:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            values.append(value)
            value = shift = 0
    return values


def of_pprof(data):
    """The sum of the values that count samples, or else of the default kind of value."""
    kinds, samples, strings, default = [], [], [], 0
    for number, value in fields(data):
        if number == 1:
            kinds.append(dict(fields(value)))
        elif number == 2:
            samples.append(value)
        elif number == 6:
            strings.append(value.decode("utf-8", "replace"))
        elif number == 14:
            default = value
    if not kinds or not samples or not strings or strings[0]:
        return None
    names = [(strings[k.get(1, 0)], strings[k.get(2, 0)]) for k in kinds]
    counts = [i for i, (name, unit) in enumerate(names) if name in ("samples", "sample") and unit == "count"]
    defaults = [i for i, (name, _) in enumerate(names) if default and name == strings[default]]
    totals = [0] * len(names)
    for sample in samples:
        values = []
        for number, value in fields(sample):
            if number == 2:
                values += [value] if isinstance(value, int) else varints(value)
        totals = [total + value for total, value in zip(totals, values, strict=True)]
    # .NET's profiles have a default kind that is 0 in all samples: then it is the first that is not.
    order = counts + defaults + [len(names) - 1]
    return totals[order[0]] or next((total for total in totals if total), 0)


def truth(path, text):
    try:
        return counted(path, text)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return None  # Its layout is another.


def counted(path, text):
    beside = path.with_name(path.name + ".string")
    if beside.exists():
        types = re.search(r"^Samples:\n(.*)\n", beside.read_text(errors="replace"), re.M)
        if types and types.group(1).split()[0].startswith("samples/count"):
            lines = re.findall(r"^ +(\d+) +\d+.*:", beside.read_text(errors="replace"), re.M)
            return sum(map(int, lines))
        return None
    if b"\0" in text or text[:1] == b"\n":
        return of_pprof(text)
    if text.lstrip()[:1] in (b"{", b"["):
        found = of_json(text)
        if found is not None:
            return found
    lines = [l for l in text.decode("utf-8", "replace").splitlines() if l.strip() and not l.startswith("# ")]
    if lines and any(";" in l for l in lines):
        counts = [re.search(r"[ \t](\d+)$", l.rstrip()) for l in lines]
        if all(counts):
            return sum(int(c.group(1)) for c in counts)
    return of_perf(lines)


def total(folded):
    # A name may contain other characters at which splitlines() would split.
    return sum(int(line.rsplit(" ", 1)[1]) for line in folded.split("\n") if line)


def same_as_inferno(path):
    """What inferno has for this file, if it has; and whether ours is the same."""
    results = path.parent / "results"
    for result in sorted(results.glob(path.stem.split(".")[0] + "-collapsed.txt")):
        code, out, _ = run(path, "--raw-names")
        return code == 0 and out == result.read_text(errors="replace")
    return None


kinds, rows = Counter(), []
for path in sorted(p for p in folder.rglob("*") if p.is_file()):
    name = path.relative_to(folder)
    if path.suffix in SKIP or path.name.endswith((".string", "-collapsed.txt", ".src")) or "results" in name.parts:
        continue
    try:
        text = unpacked(path)
    except (OSError, EOFError):
        text = b""
    code, out, err = run(path)
    if code == 0:
        expected = truth(path, text)
        inferno = same_as_inferno(path) if "collapse-perf" in str(name) else None
        if inferno is not None:
            kind, note = ("right", "as inferno") if inferno else ("wrong", "not as inferno")
        elif expected is None:
            kind, note = "unchecked", f"{total(out)}"
        else:
            lost = sum(map(int, re.findall(r"; (\d+) samples? lost", err)))
            kind = "right" if expected in (total(out), total(out) + lost) else "wrong"
            note = f"{total(out)} of {expected}" + (f", {lost} told as lost" if lost else "")
    else:
        why = err.strip().splitlines()[-1] if err.strip() else f"ends with {code}"
        kind = "unnamed" if any(words in why for words in NAMELESS) or code != 2 else "refused"
        note = re.sub(r"^error: \S+?: ", "", why).split("; expected a recording")[0]
    kinds[kind] += 1
    rows.append((kind, str(name), note))

for kind, name, note in sorted(rows):
    print(f"{kind:9}  {name}  {note[:110]}")
print()
for kind in ("right", "wrong", "refused", "unnamed", "unchecked"):
    print(f"{kind:9}  {kinds[kind]}")
sys.exit(1 if kinds["wrong"] else 0)
PYTHON
