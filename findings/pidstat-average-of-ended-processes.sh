#!/usr/bin/env bash
# pidstat's averages do not have the processes that ended, however much CPU time they used.
#
# `pidstat 1 8` prints a line per process and second and then averages "of the report". They are computed from the
# processes that live at the end: one that ended before has no average. Here two Node processes use a processor each
# for as much as they get; one of them ends after some seconds. Its seconds are listed and its average is absent, as
# if it had never run, and the sum of the averages is less than the mean of the seconds. Its last, partial second is
# in no line at all. A worker that a cluster replaces, or a load generator that is done, is thereby free of charge.
# The manual does not mention it.
#
# Seen with sysstat 12.6.1 (Debian 12) and Node 20. Exit code 0: still so. 1: the behaviour changed. Users meet it
# when they read only the lines that begin with "Average:".
set -euo pipefail
scratch=$(mktemp -d)
busy=()
trap 'kill "${busy[@]}" 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
pidstat=$(command -v pidstat || true)
if [[ -z $pidstat ]]; then
  apt-get download --quiet sysstat
  dpkg -x sysstat_*.deb .
  pidstat=$scratch/usr/bin/pidstat
fi
cat >busy.js <<'JS'
const end = Date.now() + Number(process.argv[2]) * 1000;
while (Date.now() < end) Math.sqrt(end);
console.log((process.cpuUsage().user + process.cpuUsage().system) / 1e6);
JS
LC_ALL=C "$pidstat" -u 1 8 >report.txt &
monitor=$!
node busy.js 4 >ended.seconds &
ended=$!
node busy.js 60 &
lives=$!
busy=("$ended" "$lives")
wait "$ended"
wait "$monitor"
cat >read.py <<'PY'
import sys

ended, lives = sys.argv[1:]
lines = [line.split() for line in open("report.txt")]
head = next(cells for cells in lines if "%CPU" in cells)
column = head.index("%CPU") - len(head)
found = {}
for name, pid in (("ended", ended), ("lives", lives)):
    # A line has the time (or "Average:"), the user, the process and the figures.
    rows = [cells for cells in lines if len(cells) > 3 and cells[2] == pid]
    seconds = [float(cells[column]) for cells in rows if cells[0] != "Average:"]
    averages = [float(cells[column]) for cells in rows if cells[0] == "Average:"]
    found[name] = seconds, averages
    print(f"the process that {name}: {len(seconds)} lines with {sum(seconds):.0f} % in all; average over 8 s by hand {sum(seconds) / 8:.1f} %, of pidstat {averages or 'none'}")
print(f"CPU time of the process that ended, by itself: {float(open('ended.seconds').read()):.2f} s")
(seconds, averages), (others, control) = found["ended"], found["lives"]
right = len(control) == 1 and control[0] > 0 and abs(control[0] - sum(others) / 8) < 0.25 * control[0]
sys.exit(0 if right and sum(seconds) > 0 and averages == [] else 1)
PY
"$pidstat" -V 2>&1 | head -1
echo "node $(node --version)"
python3 read.py "$ended" "$lives"
