#!/usr/bin/env bash
# psrecord shows thousands of percent of CPU for a program with one busy thread, unless it is told an interval.
#
# "The process is polled as often as possible by default", says its manual; all its first examples do so. Linux counts the CPU of
# a process in ticks of 10 ms, and psrecord reads it many times within one tick. It divides what came since the last row by
# the time since the last row: nearly all rows are 0 %, and the row in which a tick ends has 10 ms divided by less than a tenth
# of a millisecond. A program that works half of the time on one core reaches more than 1,000 %, the plot is a comb of such peaks,
# and the median is 0 %. `--interval 0.5` is right.
#
# Seen with psrecord 1.4, psutil 7.2.2 on Python 3.11 and Node 20 (Linux 6). Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they plot the CPU of a server under load, or take the maximum of the file as the peak.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check psrecord==1.4 psutil==7.2.2
cat >half.js <<'JS'
// Works for 50 ms and waits for 50 ms, in turn, until it is stopped.
(function work() {
  const start = Date.now();
  while (Date.now() - start < 50);
  setTimeout(work, 50);
})();
JS
python3 --version
venv/bin/pip list --disable-pip-version-check 2>/dev/null | grep -E '^(psrecord|psutil) '
node half.js &
program=$!
trap 'kill "$program"; rm -rf "$scratch"' EXIT
sleep 0.5
venv/bin/psrecord "$program" --log often.txt --duration 4 >often.out
venv/bin/psrecord "$program" --log half.txt --interval 0.5 --duration 4 >half.out
cat >summary.py <<'PY'
import statistics, sys

def cpu(name):
    with open(name) as rows:
        return [float(row.split()[1]) for row in rows if not row.startswith("#")]

often, half = cpu("often.txt"), cpu("half.txt")[1:]
for name, values in (("by default", often), ("--interval 0.5", half)):
    print(f"{name}: {len(values)} rows, median {statistics.median(values):.0f} %, highest {max(values):.0f} %")
sys.exit(0 if max(often) > 1000 and statistics.median(often) == 0 and max(half) < 110 else 1)
PY
venv/bin/python summary.py
