#!/usr/bin/env bash
# psrecord records a program that it starts at 0 % of CPU and 2 MB of memory.
#
# psrecord's manual says that it can start the program: `psrecord "node app.js" --log activity.txt`. It gives the text to
# a shell, and records the process that it has started, which is the shell. The shell waits for the program. A program that
# works half of the time has 0 % of CPU in every row, and the memory is that of the shell. At the end of `--duration` psrecord
# kills the shell, and the program goes on without a parent. `--include-children` in the same command shows the program, and so
# does a process number.
#
# Seen with psrecord 1.4, psutil 7.2.2 on Python 3.11 and Node 20; /bin/sh is dash 0.5.12. Exit code 0: still so. 1: the
# behaviour changed.
# Users meet it when they record CPU beside a load test in one command: the server seems to be idle.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check psrecord==1.4 psutil==7.2.2
cat >half.js <<'JS'
// Works for 50 ms and waits for 50 ms, in turn, for six seconds.
const end = Date.now() + 6000;
(function work() {
  const start = Date.now();
  while (Date.now() - start < 50);
  if (Date.now() < end) setTimeout(work, 50);
  else require("fs").writeFileSync(process.argv[2], JSON.stringify(process.cpuUsage()));
})();
JS
python3 --version
venv/bin/pip list --disable-pip-version-check 2>/dev/null | grep -E '^(psrecord|psutil) '
rows() { # FILE: the highest CPU and memory of all rows
  awk '!/^#/ { if ($2 > cpu) cpu = $2; if ($3 > memory) memory = $3 } END { printf "%d %d\n", cpu, memory }' "$1"
}
venv/bin/psrecord "node half.js own.json" --log own.txt --interval 0.5 --duration 4 >own.out
left=$(pgrep -f -c 'node half.js own.json' || true)
venv/bin/psrecord "node half.js all.json" --include-children --log all.txt --interval 0.5 --duration 4 >all.out
sleep 4
read -r own_cpu own_memory <<<"$(rows own.txt)"
read -r all_cpu all_memory <<<"$(rows all.txt)"
echo "psrecord \"node half.js\":       at most $own_cpu % and $own_memory MB; programs left at its end: $left"
echo "with --include-children:       at most $all_cpu % and $all_memory MB"
echo "what node counts of both runs: $(cat own.json) $(cat all.json)"
[[ $own_cpu -eq 0 && $own_memory -lt 10 && $left -ge 1 && $all_cpu -ge 10 && $all_memory -gt 25 ]]
