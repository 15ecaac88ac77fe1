#!/usr/bin/env bash
# Makes the seeds, corpus/<target>/seed-*, anew from real recordings: those in
# samples/, and those in ../shared/data where it is there. Recordings are cut to
# a few kilobytes that still hold together, since a small input is a fast one.
# Needs python3 and zstd.
#
#   fuzz/seed.sh [SAMPLES] [SHARED]
set -euo pipefail
cd "$(dirname "$0")"
samples=${1:-../samples} shared=${2:-../../shared/data}
rm -f corpus/*/seed-*
exec python3 - "$samples" "$shared" <<'PYTHON'
import gzip, json, re, subprocess, sys
from pathlib import Path

SAMPLES, SHARED = Path(sys.argv[1]), Path(sys.argv[2])
SMALL = 12 * 1024  # bytes of a seed, more or less
taken = {}


def find(*patterns):
    """Recordings, those of samples/ first."""
    return [p for pattern in patterns for base in (SAMPLES, SHARED) for p in sorted(base.glob(pattern))]


def unpack(path):
    if path.suffix == ".zst":
        return subprocess.run(["zstd", "-dcq", path], check=True, stdout=subprocess.PIPE).stdout
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def put(target, name, content):
    folder = Path("corpus", target)
    folder.mkdir(parents=True, exist_ok=True)
    name = "seed-" + re.sub(r"\.(zst|gz)$", "", name)
    (folder / name).write_bytes(content)
    taken.setdefault(target, []).append((name, content))


def lines_until(text, size):
    return text[: text.rfind(b"\n", 0, size) + 1] if len(text) > size else text


def v8_log(text):
    """The frame of a log, the code that late ticks were in, and those ticks."""
    lines = text.split(b"\n")
    ticks = [line for line in lines if line.startswith(b"tick,")]
    late = ticks[len(ticks) // 2 :][:25]
    addresses = {int(a, 16) for line in late for a in re.findall(rb"0x[0-9a-f]+", line)}
    kept, wanted, records = [], set(), {}
    for number, line in enumerate(lines):
        kind, _, rest = line.partition(b",")
        if kind == b"code-creation":
            fields = rest.split(b",")
            try:
                start, size = int(fields[3], 16), int(fields[4])
            except (IndexError, ValueError):
                continue
            if any(start <= a < start + size for a in addresses):
                wanted.add(number)
                records[fields[3]] = number
        elif kind == b"code-source-info" and rest.split(b",")[0] in records and len(rest) < 600:
            wanted.add(number)
    wanted = set(sorted(wanted)[-40:])
    counts = {}
    for number, line in enumerate(lines):
        kind = line.split(b",", 1)[0]
        counts[kind] = counts.get(kind, 0) + 1
        few = kind not in (b"code-creation", b"code-source-info", b"tick", b"script-source")
        if number in wanted or few and counts[kind] <= 4 or line in late:
            kept.append(line)
    return lines_until(b"\n".join(kept) + b"\n", SMALL)


def cpuprofile(text):
    profile = json.loads(text)
    nodes = profile["nodes"][:40]
    known = {node["id"] for node in nodes}
    for node in nodes:
        if "children" in node:
            node["children"] = [child for child in node["children"] if child in known]
    pairs = list(zip(profile.get("samples", []), profile.get("timeDeltas", [])))
    pairs = [pair for pair in pairs if pair[0] in known][:80]
    profile["nodes"] = nodes
    if pairs:
        profile["samples"], profile["timeDeltas"] = map(list, zip(*pairs))
    return json.dumps(profile, separators=(",", ":")).encode()


def chrome_trace(text):
    """Events of profiles, and a few of all others; lists within them cut."""
    trace = json.loads(text)
    events = trace["traceEvents"] if isinstance(trace, dict) else trace
    kept, size = [], 0
    for event in events:
        chunk = event.get("name") in ("Profile", "ProfileChunk")
        length = len(json.dumps(event))
        if size + length < SMALL and (chunk or length < 400 and len(kept) < 60):
            kept.append(event)
            size += length
    whole = {"traceEvents": kept} if isinstance(trace, dict) else kept
    return json.dumps(whole, separators=(",", ":")).encode()


def preprocessed(text):
    """The ticks of few functions, and those renumbered."""
    log = json.loads(text)
    ticks, numbers = [], {}
    for tick in log["ticks"]:
        stack = tick["s"]
        codes = stack[0::2]
        new = [code for code in codes if code >= 0 and code not in numbers]
        if len(set(numbers) | set(new)) > 40 or len(ticks) >= 60:
            continue
        for code in new:
            numbers.setdefault(code, len(numbers))
        tick["s"] = [numbers.get(v, v) if at % 2 == 0 else v for at, v in enumerate(stack)]
        ticks.append(tick)
    log["code"] = [log["code"][code] for code in numbers]
    log["functions"] = log.get("functions", [])[:40]
    for code in log["code"]:
        if isinstance(code.get("func"), int):
            code["func"] = min(code["func"], max(len(log["functions"]) - 1, 0))
        code.pop("source", None)
    log["ticks"], log["scripts"] = ticks, []
    return json.dumps(log, separators=(",", ":")).encode()


def records(text):
    """Whole stacks of perf text: up to a blank line."""
    size = SMALL * 2 // 3
    return text[: text.rfind(b"\n\n", 0, size) + 2] if len(text) > size else text


for path in find("v8/nested-on-node2[046].log.zst", "v8/wasm-node24.log.zst", "v8/workers-node20.worker1.log.zst",
                 "v8/native-node20.log.zst", "v8/nativestack-node22.log.zst", "v8/mix-node16.log.zst",
                 "v8/torn-node24.log.zst", "v8/edge-overflow*.log.zst", "v8/edge-winpath*.log.zst"):
    put("v8_log", path.name, v8_log(unpack(path)))

for path in find("maps/*.folded.zst"):
    put("folded", path.name, lines_until(unpack(path), SMALL // 2))
odd = b"# comment\n\na;b;c 3\na;;c 1\n; 2\n*f /a b.js:1:2;get x C:\\d\\e.js:3:4_[i] 5\r\nno count\n" \
      b"main;Builtin: X;RegExp: ;+;(garbage collector) 18446744073709551615\nd;e 4 7\nf;g 1.5\n\xff 1\n"
put("folded", "odd", odd)

for path in sorted(SAMPLES.glob("errors/*.log")):
    # The end of the log is used, because the beginning only reports the start of the server.
    text = path.read_bytes()
    put("app_log", path.stem, text[text.find(b"\n", max(0, len(text) - 1500)) + 1 :] if len(text) > 1500 else text)

# The same lines as the lists of log services.
lines = (SAMPLES / "errors/nest-7.log").read_text().splitlines()[:8]
times = [f"2026-11-27T11:05:{at:02}.000Z" for at in range(len(lines))]
levels = ["info", "ERROR", "warn", "50"]
rows = [(time, line, levels[at % 4]) for at, (time, line) in enumerate(zip(times, lines))]
for name, document in {
    "datadog": {"data": [{"id": "a", "type": "log", "attributes": {"timestamp": t, "status": l, "message": m,
        "attributes": {"level": l, "error": {"kind": "Error", "stack": m}}}} for t, m, l in rows]},
    "elastic": {"took": 3, "hits": {"hits": [{"_source": {"@timestamp": t, "log": {"level": l}, "message": m,
        "error.stack_trace": "Error: x\n    at f (/a.js:1:2)"}} for t, m, l in rows]}},
    "google": [{"insertId": "a", "severity": l, "timestamp": t, "textPayload": m} for t, m, l in rows],
    "google-json": [{"insertId": "a", "timestamp": t, "jsonPayload": {"level": l, "msg": m}} for t, m, l in rows],
    "loki": {"status": "success", "data": {"resultType": "streams", "result": [
        {"stream": {"level": "error"}, "values": [["1795777501000000000", m] for _, m, _ in rows]}]}},
    "azure": [{"TimeGenerated": t, "LogLevel": l, "LogMessage": m} for t, m, l in rows],
}.items():
    put("entries", name, json.dumps(document).encode())

for path in find("load/*", "spike/before-1/k6.csv.gz"):
    put("load", path.name, lines_until(unpack(path), SMALL // 3))
# The answers of hey in the forms of a load generator of one's own.
for path in find("load/hey.csv*"):
    cells = [line.split(b",") for line in unpack(path).splitlines()[1:60]]
    rows = [[1795777200 + float(c[7]), float(c[0]) * 1000, int(c[6])] for c in cells if len(c) == 8]
    names = ["start", "duration_ms", "status"]
    objects = [dict(zip(names, row)) for row in rows]
    put("load", "own.csv", "\n".join([",".join(names)] + [",".join(map(str, row)) for row in rows]).encode())
    put("load", "own-nameless.csv", "\n".join(",".join(map(str, row)) for row in rows).encode())
    put("load", "own.jsonl", "\n".join(map(json.dumps, objects)).encode())
    put("load", "own-list.json", json.dumps({"n": len(rows), "requests": objects}).encode())
    put("load", "own-rows.json", json.dumps({"columns": names, "rows": rows}).encode())

for path in find("perf-text/*.txt.zst", "perf/*.perf-script.txt.zst", "shop/perf-script-*.txt.zst", "perf/*/perf-script.txt.zst"):
    name = path.name if path.parent.name.startswith("perf") else f"{path.parent.name}-{path.name}"
    put("perf_text", name, records(unpack(path)))
swapper = b"swapper     0 [000] 12.345678:     250000 cpu-clock:pppH: \n\tffffffff8104f45a native_safe_halt+0xa " \
          b"([kernel.kallsyms])\n\nmy app 12/34 [001] 12.5: 1 cycles:u: \n\t  7f00 JS:*a /x y.js:1:2+0x1f " \
          b"(/tmp/perf-12.map)\n\t     0 [unknown] ([unknown])\n\n"
put("perf_text", "odd", swapper)
branches = b"node  33 [001] 336.405: 5 cycles:ppp: \n\t          401781 f3+0x2c (/bin/t)\n\t          401800 main (/bin/t)\n" \
           b"0x401774/0x401766/P/-/-/5/COND/- \n\tf3+31:\n\t0000000000401774\tinsn: eb 04   \tbr_cntr: AA\t# PRED 5 cycles [5]\n" \
           b"\t0000000000401766\tinsn: 8b 45 fc\t# MISPRED 7 cycles [14] 0.43 IPC\n\t... not reaching sample ...\n\n"
put("perf_text", "brstackinsn", branches * 3)

for path in find("bpftrace/*.txt.zst"):
    put("bpftrace", path.name, lines_until(unpack(path), SMALL // 2))
bcc = b"Sampling at 99 Hertz of all threads by user + kernel stack... Hit Ctrl-C to end.\n\n    b'entry_SYSCALL_64'\n" \
      b"    --\n    b'f'\n    b'main'\n    -                node (12)\n        7\n"
put("bcc", "plain", bcc)

for path in find("perf/*.data.zst"):
    put("perf_data", path.name, unpack(path)[: 32 * 1024])
# `perf record -e '{cpu-clock,page-faults}:S'`: each sample has the counters of the group.
put("perf_data", "group.data", Path("recordings/perf-group.data").read_bytes())

for path in find("json/*.cpuprofile.zst", "shop/*.cpuprofile.zst", "noise/same-code-1.cpuprofile.zst"):
    put("cpuprofile", path.name, cpuprofile(unpack(path)))
old = {"head": {"functionName": "(root)", "url": "", "lineNumber": 0, "callUID": 1, "hitCount": 0, "id": 1,
                "children": [{"functionName": "a", "url": "file:///a.js", "lineNumber": 3, "columnNumber": 4,
                              "hitCount": 7, "id": 2, "children": []}]}, "startTime": 1.5, "endTime": 2.5,
       "samples": [2, 2], "timestamps": [1500000, 1600000]}
put("cpuprofile", "old", json.dumps(old).encode())
put("cpuprofile", "hits", json.dumps({"nodes": [{"id": 1, "callFrame": {"functionName": "(root)", "url": "", "scriptId": "0",
    "lineNumber": -1, "columnNumber": -1}, "hitCount": 0, "children": [2]}, {"id": 2, "hitCount": 3, "callFrame": {
    "functionName": "a", "url": "/a.js", "scriptId": 7, "lineNumber": 0, "columnNumber": 9}, "positionTicks":
    [{"line": 1, "ticks": 3}]}], "startTime": 0, "endTime": 9}).encode())

for path in find("json/trace-*.json.zst", "json/chromium.json.zst"):
    put("chrome_trace", path.name, chrome_trace(unpack(path)))
for path in find("json/*.preprocessed.json.zst"):
    put("preprocess", path.name, preprocessed(unpack(path)))
for path in find("json/*.speedscope.json.zst"):
    put("speedscope", path.name, unpack(path))
frames = {"frames": [{"name": "a", "file": "/a.js", "line": 1, "col": 2}, {"name": "b"}]}
common = {"type": "sampled", "name": "t", "unit": "milliseconds", "startValue": 0, "endValue": 9}
put("speedscope", "both", json.dumps({
    "$schema": "https://www.speedscope.app/file-format-schema.json", "shared": frames, "profiles": [
        {**common, "samples": [[0, 1], [0]], "weights": [4, 5]},
        {**common, "type": "evented", "events": [{"type": "O", "at": 0, "frame": 0}, {"type": "O", "at": 2, "frame": 1},
            {"type": "C", "at": 5, "frame": 1}, {"type": "C", "at": 9, "frame": 0}]}]}).encode())

for path in find("pprof/*.pb.gz"):
    put("pprof", path.name, unpack(path)[: SMALL * 2])
    if path.name.startswith("go"):
        put("pprof", "packed.pb.zip", path.read_bytes())
for path in find("shop/*.pb"):
    put("pprof", path.name, path.read_bytes())

for path in sorted(SAMPLES.glob("maps/*/*.js.map")):
    text = path.with_suffix("").read_bytes()
    put("source_map", f"{path.parent.name}-{path.stem}", text + b"\0" + path.read_bytes())
section = '{"offset":{"line":%d,"column":%d},"map":{"sources":["%s.ts"],"names":["n"],"mappings":"AAAA,SAAAA"}}'
index = '{"version":3,"sections":[%s,%s]}' % (section % (0, 0, "a"), section % (1, 14, "b"))
put("source_map", "index", b"function f(){}\nclass g{constructor(x){}}var h=x=>x;\n\0" + index.encode())

def firefox(text, threads=1):
    """A processed profile with few samples; its tables stay whole where they are small."""
    profile = json.loads(text)
    profile["threads"] = profile["threads"][:threads]
    for thread in profile["threads"]:
        table = thread["samples"]
        for key, column in table.items():
            if isinstance(column, list):
                table[key] = column[:60]
        table["length"] = min(table.get("length", 60), 60)
        thread["markers"] = {"data": [], "name": [], "startTime": [], "endTime": [], "phase": [], "category": [], "length": 0}
    profile["counters"] = []
    return json.dumps(profile, separators=(",", ":")).encode()


for path in find("cases/firefox-samply-json/profile.json"):
    put("firefox", "processed.json", firefox(path.read_bytes()))
gecko = {"meta": {"version": 29, "startTime": 1795000000000, "interval": 1, "processType": 0, "product": "Firefox",
         "categories": [{"name": "Idle", "color": "transparent", "subcategories": ["Other"]},
                        {"name": "JavaScript", "color": "yellow", "subcategories": ["Other"]}]},
         "libs": [], "pausedRanges": [], "processes": [], "threads": [{"name": "GeckoMain", "processType": "default", "pid": 7, "tid": 7,
         "stringTable": ["(root)", "f (http://h/a.js:3:4)", "(idle)"],
         "frameTable": {"schema": {"location": 0, "relevantForJS": 1, "innerWindowID": 2, "implementation": 3, "line": 4,
                        "column": 5, "category": 6, "subcategory": 7},
                        "data": [[0], [1, True, 0, None, 3, 4, 1, 0], [2, False, 0, None, None, None, 0, 0]]},
         "stackTable": {"schema": {"prefix": 0, "frame": 1}, "data": [[None, 0], [0, 1], [0, 2]]},
         "samples": {"schema": {"stack": 0, "time": 1, "eventDelay": 2, "threadCPUDelta": 3},
                     "data": [[1, 1.5, 0, 900], [2, 2.5, 0, 0], [1, 3.5, 0, 800], [None, 4.5]]},
         "markers": {"schema": {"name": 0, "startTime": 1}, "data": []}}]}
put("firefox", "gecko.json", json.dumps(gecko).encode())

events = [
    {"name": "thread_name", "ph": "M", "pid": 1, "tid": 2, "args": {"name": "main"}},
    {"name": "a", "ph": "B", "ts": 1, "pid": 1, "tid": 2}, {"name": "b", "ph": "X", "ts": 2.5, "dur": 3, "pid": 1, "tid": 2},
    {"name": "a", "ph": "E", "ts": 9, "pid": 1, "tid": 2}, {"ph": "E", "ts": 9, "pid": 1, "tid": 2},
    {"name": "c", "ph": "X", "ts": 4, "dur": 6, "pid": 1, "tid": 3}, {"name": "d", "ph": "b", "id": 1, "ts": 4, "pid": 1, "tid": 3},
    {"name": "e", "ph": "X", "ts": 1795000000000000, "dur": 0.125, "pid": 1, "tid": "x", "args": {"path": "/a.ts"}},
]
put("trace_events", "array.json", json.dumps(events).encode())
put("trace_events", "lines.json", b"[" + b",\n".join(json.dumps(event).encode() for event in events))
frames = {"1": {"name": "f(/a.js:1:2)", "category": "js"}, "2": {"parent": "1", "name": "g"}}
samples = [{"cpu": "-1", "ts": "5", "tid": "2", "weight": "1", "sf": 2, "comm": "", "name": ""}] * 2
frames["3"] = {"parent": 1, "name": "fib(t.js:10:15)", "category": "JavaScript", "line": "10", "column": "15", "funcLine": "7", "funcColumn": "13"}
frames["4"] = {"parent": 3, "name": "t", "category": "JavaScript", "funcVirtAddr": "120", "offset": "31"}
frames["5"] = {"parent": 4, "name": "[GC Young Gen]", "category": "Metadata"}
samples += [{"ts": "9", "pid": 7, "tid": "1", "weight": "1", "sf": sf} for sf in (3, 4, 5)]
put("trace_events", "hermes.json", json.dumps({"traceEvents": events[:1], "samples": samples, "stackFrames": frames}).encode())

otlp = {"resourceProfiles": [{"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]},
        "scopeProfiles": [{"scope": {"name": "ebpf"}, "profiles": [{"sampleType": {"typeStrindex": 1, "unitStrindex": 2},
        "timeUnixNano": "1795000000000000000", "durationNano": "5000000000", "period": "50000000",
        "samples": [{"stackIndex": 1, "attributeIndices": [1], "timestampsUnixNano": ["1795000000000100000", "1795000000000300000"]},
                    {"stackIndex": 2, "values": [4]}, {"stackIndex": 1, "values": ["2"], "timestampsUnixNano": ["1795000000000200000"]}]}]}]}],
        "dictionary": {"stringTable": ["", "samples", "count", "f", "/srv/a.js", "thread.name", "profile.frame.type", "libc.so"],
        "attributeTable": [{}, {"keyStrindex": 5, "value": {"stringValue": "node"}}, {"keyStrindex": 6, "value": {"stringValue": "v8js"}}],
        "functionTable": [{}, {"nameStrindex": 3, "filenameStrindex": 4, "startLine": "3"}],
        "mappingTable": [{}, {"filenameStrindex": 7}], "stackTable": [{}, {"locationIndices": [1, 2]}, {"locationIndices": [2]}],
        "locationTable": [{}, {"lines": [{"functionIndex": 1, "line": "5", "column": "2"}], "attributeIndices": [2]}, {"mappingIndex": 1}]}}
put("otlp", "json", json.dumps(otlp).encode())
# Texts of the table of strings in place of texts, which version 1.8 of the protocol has.
strings = otlp["dictionary"]["stringTable"]
strings += ["service.name", "shop", "v8js", "node", "ebpf"]
otlp["resourceProfiles"][0]["resource"]["attributes"] = [{"keyStrindex": 8, "value": {"stringValueStrindex": 9}}]
otlp["dictionary"]["attributeTable"][1:] = [{"keyStrindex": 5, "value": {"stringValueStrindex": 11}},
    {"keyStrindex": 6, "value": {"stringValueStrindex": 10}}]
put("otlp", "strings", json.dumps(otlp).encode())


def varint(number):
    return bytes([number & 127 | 128]) + varint(number >> 7) if number > 127 else bytes([number])


def field(tag, content):
    """A field of a protobuf message: a number, or bytes with their length."""
    if isinstance(content, int):
        return varint(tag << 3) + varint(content)
    return varint(tag << 3 | 2) + varint(len(content)) + content


def message(*fields):
    return b"".join(field(tag, content) for tag, content in fields)


functions = [(3, b""), (3, message((1, 3), (3, 4), (4, 3)))]
attributes = [(6, b""), (6, message((1, 5), (2, message((8, 11)))))]
table = [(5, text.encode()) for text in strings]
dictionary = message((1, b""), (2, b""), (2, message((3, message((1, 1), (2, 5))))), *functions, *table, *attributes,
                     (7, b""), (7, message((1, bytes([1])))))
sample = message((1, 1), (2, bytes([1])), (4, bytes([4])))
profile = message((1, message((1, 1), (2, 2))), (2, sample), (4, 5_000_000_000), (6, 50_000_000))
resource = message((1, message((2, message((8, 9))), (3, 8))))
scopes = message((1, message((1, b"ebpf"))), (2, profile))
put("otlp", "protobuf", message((1, message((1, resource), (2, scopes))), (2, dictionary)))

START = 1795000000
prometheus = {"status": "success", "data": {"resultType": "matrix", "result": [
    {"metric": {"__name__": "mysql_global_status_threads_connected", "instance": "a:1"}, "values": [[START, "3"], [START + 15, "NaN"], [START + 30, "4"]]},
    {"metric": {"__name__": "http_requests_total"}, "values": [[START, "1000"], [START + 10, "1500"], [START + 20, "20"]]}]}}
put("monitor", "prometheus.json", json.dumps(prometheus).encode())
cloudwatch = {"MetricDataResults": [{"Id": "m1", "Label": "CPUUtilization", "StatusCode": "PartialData",
    "Timestamps": ["2026-11-18T11:00:00Z", "2026-11-18T11:01:00Z"], "Values": [12.5, 97.0]}]}
put("monitor", "cloudwatch.json", json.dumps(cloudwatch).encode())
fields = [{"name": "Time", "type": "time"}, {"name": "Value", "type": "number", "labels": {"instance": "db"}, "config": {"unit": "percent"}}]
grafana = [{"schema": {"refId": "A", "name": "CPU", "fields": fields}, "data": {"values": [[START * 1000, START * 1000 + 60000], [1, None]]}}]
put("monitor", "grafana.json", json.dumps(grafana).encode())
put("monitor", "console.csv", b"Full label,CPUUtilization\nLabel,CPUUtilization\nStatistic,Average\nPeriod,60\nUnit,Percent\n"
    b"2026/11/18 11:00:00,12.5\n2026/11/18 11:01:00,97\n")

# The answers of further monitors, with two values each: 20, and 97 a minute later.
ISO = ["2026-11-18T11:06:40Z", "2026-11-18T11:07:40Z"]
TIMES, VALUES = [START, START + 60], [20, 97]
POINTS = list(zip(TIMES, ISO, VALUES))
MILLIS = [t * 1000 for t in TIMES]
answers = {
    "statistics": {"Label": "CPUUtilization", "Datapoints": [
        {"Timestamp": i, "Average": v, "Maximum": 99, "Unit": "Percent"} for _, i, v in POINTS]},
    "insights": {"AlignedStartTime": START, "AlignedEndTime": START + 120, "Identifier": "db-X", "MetricList": [
        {"Key": {"Metric": "db.load.avg", "Dimensions": {"db.wait_event.name": "CPU"}}, "DataPoints": [
            {"Timestamp": t + 60, "Value": v} for t, _, v in POINTS]}]},
    "azure": {"interval": "PT1M", "value": [{"name": {"value": "CpuPercentage"}, "unit": "Percent", "timeseries": [
        {"metadatavalues": [{"value": "web"}], "data": [{"timeStamp": i, "average": v} for _, i, v in POINTS]}]}]},
    "app-insights": {"value": {"interval": "PT1M", "segments": [
        {"start": i, "end": i, "performanceCounters/processCpuPercentage": {"avg": v}} for _, i, v in POINTS]}},
    "google": {"unit": "10^2.%", "timeSeries": [
        {"metric": {"type": "cpu/utilization", "labels": {"a": "b"}}, "metricKind": "DELTA", "points": [
            {"interval": {"startTime": ISO[0], "endTime": i}, "value": {"doubleValue": v / 100}} for _, i, v in POINTS]}]},
    "datadog": {"status": "ok", "series": [{"metric": "system.cpu.user", "scope": "host:web", "interval": 60,
        "unit": [{"name": "percent"}, None], "pointlist": [[t * 1000, v] for t, _, v in POINTS]}]},
    "datadog-columns": {"data": {"attributes": {"series": [{"query_index": 0, "unit": [{"name": "percent"}, None]}],
        "times": MILLIS, "values": [VALUES]}}},
    "dynatrace": {"result": [{"metricId": "builtin:host.cpu.usage", "data": [
        {"dimensions": ["HOST-1"], "timestamps": MILLIS, "values": VALUES}]}]},
    "new-relic": {"data": {"actor": {"account": {"nrql": {"results": [
        {"average.cpuPercent": v, "beginTimeSeconds": t, "endTimeSeconds": t + 60} for t, _, v in POINTS]}}}}},
    "graphite": [{"target": "web.cpu", "datapoints": [[v, t] for t, _, v in POINTS]}],
    "influx": {"results": [{"statement_id": 0, "series": [{"name": "cpu", "tags": {"host": "web"},
        "columns": ["time", "mean"], "values": [[i, v] for _, i, v in POINTS]}]}]},
    "netdata": {"api": 1, "id": "system.cpu", "result": {"labels": ["time", "user"],
        "data": [[t, v] for t, _, v in POINTS[::-1]]}},
    "zabbix": {"jsonrpc": "2.0", "result": [
        {"itemid": "7", "ns": "5", "clock": str(t), "value": str(v)} for t, _, v in POINTS]},
    "atlas": {"granularity": "PT1M", "measurements": [{"name": "PROCESS_CPU", "units": "PERCENT", "dataPoints": [
        {"timestamp": i, "value": v} for _, i, v in POINTS]}]},
    "signoz": {"status": "success", "data": {"result": [{"queryName": "A", "series": [
        {"labels": {"host": "web"}, "values": [{"timestamp": t * 1000, "value": str(v)} for t, _, v in POINTS]}]}]}},
    "sysstat": {"sysstat": {"hosts": [{"nodename": "vm", "date": "2026-11-18", "statistics": [
        {"timestamp": i[11:19], "cpu-load": [{"cpu": "all", "usr": v, "iowait": 0.0, "idle": 100 - v}]}
        for _, i, v in POINTS]}]}},
    "enhanced": {"events": [{"timestamp": 1, "message": json.dumps({"engine": "MYSQL", "timestamp": i, "cpuUtilization":
        {"total": v}, "network": [{"interface": "eth0", "rx": 5.5}]})} for _, i, v in POINTS]},
    "panel": {"state": "Done", "series": [{"refId": "A", "length": 2, "fields": [
        {"name": "Time", "type": "time", "values": MILLIS, "config": {}},
        {"name": "Value", "type": "number", "values": VALUES, "config": {"unit": "percent"}}]}], "timeRange": {}},
}
for name, answer in answers.items():
    put("monitor", f"{name}.json", json.dumps(answer).encode())
lines = {
    "embedded": [json.dumps({"_aws": {"Timestamp": t * 1000, "CloudWatchMetrics": [{"Namespace": "shop",
        "Dimensions": [["f"]], "Metrics": [{"Name": "wait", "Unit": "Milliseconds"}]}]}, "f": "web", "wait": [v, v]})
        for t, _, v in POINTS],
    "stream": [json.dumps({"metric_stream_name": "s", "namespace": "AWS/RDS", "metric_name": "CPUUtilization", "dimensions":
        {"DBInstanceIdentifier": "shop"}, "timestamp": t * 1000, "value": {"max": 99, "min": 1, "sum": 5 * v, "count": 5},
        "unit": "Percent"}) for t, _, v in POINTS],
    "terminal": [i + ' \x1b[H' + json.dumps({"Name": "web", "CPUPerc": f"{v}.00%"}) + "\x1b[K" for _, i, v in POINTS],
    "victoria": [json.dumps({"metric": {"__name__": "cpu", "job": "web"}, "values": VALUES, "timestamps": MILLIS})],
    "docker": [json.dumps({"time": i, "Name": "web", "CPUPerc": f"{v}.00%", "MemUsage": "20MiB / 1GiB"})
        for _, i, v in POINTS],
    "heroku": [f"{i} heroku[web.1]: source=web.1 dyno=heroku.1 sample#load_avg_1m={v} sample#memory_total=60.50MB"
        for _, i, v in POINTS],
    "sadf": ["# hostname;interval;timestamp;CPU;%user;%iowait;%idle"] + [
        f"vm;60;{i[:10]} {i[11:19]} UTC;-1;{v};0.00;{100 - v}" for _, i, v in POINTS] + [
        "# hostname;interval;timestamp;INTR;CPU*", f"vm;60;{ISO[0][:10]} {ISO[0][11:19]} UTC;sum;9.00;4.00;5.00"],
    "sadf-p": [f"vm\t60\t{i[:10]} {i[11:19]} UTC\tall\t%idle\t{100 - v}" for _, i, v in POINTS],
    "dstat": ['"pcp-dstat 5.0.3 CSV Output"', '"Host:","vm",,,,"User:","root"',
        '"Cmdline:","dstat -tc",,,,"Date:","18 Nov 2026 11:06:40 UTC"', '', '"system","total usage",', '"time","total '
        'usage:usr","total usage:idl"', "18-11 11:06:40,20,80", "18-11 11:07:40,97,3"],
    "annotated": ["#datatype,string,long,dateTime:RFC3339,double,string", "#group,false,false,false,false,true",
        "#default,_result,,,,", ",result,table,_time,_value,host"] + [f",,0,{i},{v},web" for _, i, v in POINTS],
    "typeperf": ['"(PDH-CSV 4.0) (Korea Standard Time)(-540)","\\\\WEB\\Processor(_Total)\\% Processor Time"',
        '"11/18/2026 20:06:40.123","20.5"', '"11/18/2026 20:07:40.123","97.5"'],
    "own": ["time;pid;wait [ms]", f"{ISO[0]};7;10,5", f"{ISO[0]};8;10,5", f"{ISO[1]};7;97,5"],
}
for name, text in lines.items():
    put("monitor", f"{name}.txt", "\n".join(text + [""]).encode())

for path in sorted(SAMPLES.glob("queries/*.log")):
    put("queries", path.stem, lines_until(path.read_bytes(), SMALL // 3))
put("queries", "sequelize", b"Executed (default): SELECT SLEEP(0.02),\n 'x'\n FROM b Elapsed time: 27ms\nExecuted (default): UPDATE `b` SET `v`=? WHERE `id` = ?; 5, 3 Elapsed time: 14ms\n")
put("queries", "mikroorm", b"[query] select sleep(0.03) [took 31 ms, 1 result]\n[query] begin\n[query] select * from nowhere [took 5 ms]\n")
put("queries", "typeorm", b"query: SELECT * FROM boards WHERE id = ? -- PARAMETERS: [7]\nquery is slow: UPDATE t SET a = 'x'\nexecution time: 1203\n")

for path in find("perf/perf-*.map.zst"):
    put("perf_map", path.name, lines_until(unpack(path), SMALL // 3))
put("perf_map", "odd", b"1000 20 JS:~a /x.js:1:2\n1010 20 JS:*a /x.js:1:2\n1000 0 b\nffffffffffffffff ff c\nx y z\n0x30 10 d")
for path in find("perf/jit-*.dump.zst"):
    put("jitdump", path.name, unpack(path)[:SMALL])

# One of each kind for the target that goes by content.
for target, seeds in sorted(taken.items()):
    if target not in ("source_map", "perf_map", "jitdump", "monitor", "queries"):
        name, content = min(seeds, key=lambda seed: len(seed[1]))
        put("any", f"{target}-{name.removeprefix('seed-')}", content)

total = 0
for target, seeds in sorted(taken.items()):
    size = sum(len(content) for _, content in seeds)
    total += size
    print(f"{target:14} {len(seeds):3} seeds {size:8} bytes")
print(f"{'':14} {sum(map(len, taken.values())):3} seeds {total:8} bytes")
if total > 900_000:
    sys.exit("more than 900 kB: cut more")
missing = {"chrome_trace", "perf_data", "pprof", "preprocess"} - taken.keys()
if missing:
    print("no recordings at hand for: " + ", ".join(sorted(missing)), file=sys.stderr)
PYTHON
