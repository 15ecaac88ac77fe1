#!/usr/bin/env bash
# perfdigest-mcp finds nothing in the reports whose commands it recommends, and calls CPU time wall time.
#
# The package makes short summaries of profilers' output for assistants. For perf it recommends `perf stat -j -o FILE` and
# `perf record -g`, then `perf report --stdio -n`. The first file begins with a line "# started on …", so it is not taken
# for JSON. In the second one, the calls of -g give each row two percentages, "Children" and "Self", and the
# package expects one. Both summaries have 0 functions and no message, although the package's rule is never to
# show what is missing as zero. With --no-children the functions are there. The counters without that first line are read,
# and then `wall_time_ms` and the duration are perf's task-clock, the time on the CPU: a program that mostly
# waits "lasted" a small part of its time, and a parallel one lasts longer than it did.
#
# Seen with perfdigest-mcp 1.3.0, perf 6.1 (linux-perf of Debian 12), Node 20. Exit code 0: still so. 1: it changed.
# Users meet it when they let an assistant look for what is slow. Needs a kernel that lets the user record.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
perf=$(command -v perf || true)
if [[ -z $perf ]]; then
  apt-get download --quiet linux-perf
  dpkg -x linux-perf_*.deb .
  perf=$(find . -name 'perf*' -path '*bin*' -type f | head -1)
fi
python3 -m venv venv
# The reader needs nothing else; the server of the package is not started.
venv/bin/pip install --quiet --no-compile --disable-pip-version-check --no-deps perfdigest-mcp==1.3.0
cat >program.js <<'JS'
const work = () => { for (const end = process.cpuUsage().user + 2e5; process.cpuUsage().user < end;) Math.sqrt(end); };
setTimeout(work, 3000);
process.on('exit', () => console.log(JSON.stringify({ cpu: (process.cpuUsage().user + process.cpuUsage().system) / 1000, lasted: performance.now() })));
JS
"$perf" stat -j -o stat.json -- node program.js >program.json
grep '^{' stat.json >counters.json
"$perf" record --quiet -g -F 499 -e cpu-clock -o perf.data -- node program.js >recorded.json 2>record.log
"$perf" report --stdio -n -i perf.data >report.txt 2>report.log
"$perf" report --stdio -n --no-children -i perf.data >own.txt 2>report.log
cat >digest.py <<'PY'
import json
import re
import sys
from importlib.metadata import version

from perfdigest.adapters.linux_perf import backend, perf_reader
from perfdigest.core.digest import build_summary

print(f"perfdigest-mcp {version('perfdigest-mcp')}, Python {sys.version.split()[0]}")
recommended = re.findall(r"perf (?:stat|record|report) -\S+(?: -\S+)*", backend.PERF_USAGE)
print("its commands:", recommended)
seen = {}
for name, form in (("stat.json", "perf-stat-json"), ("report.txt", "perf-report"), ("own.txt", "perf-report"), ("counters.json", "perf-stat-json")):
    summary = build_summary(perf_reader.load_units(name), form, ["self_pct", "wall_time_ms"], 1)
    seen[name] = summary
    print(f"{name}, a file of {len(open(name).read())} characters: {summary['total_units']} units, the first: {summary['units'][:1]}")
program = json.load(open("program.json"))
print(f"the program by its own clock: lasted {program['lasted']:.0f} ms, used {program['cpu']:.0f} ms of CPU")
empty = seen["stat.json"]["total_units"] == 0 and seen["report.txt"]["total_units"] == 0 and seen["own.txt"]["total_units"] > 10
wall = seen["counters.json"]["units"][0]["metrics"]["wall_time_ms"]
said = any("-j -o" in command for command in recommended) and any("--stdio -n" in command for command in recommended)
sys.exit(0 if empty and said and program["lasted"] > 3000 and 0 < wall < 0.6 * program["lasted"] else 1)
PY
"$perf" --version
venv/bin/python digest.py
