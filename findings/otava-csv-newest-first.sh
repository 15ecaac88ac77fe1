#!/usr/bin/env bash
# Otava calls a regression an improvement when the newest row of a CSV file comes first.
#
# A CSV test of Otava names the column of the time (`time_column`). The column selects rows (`--since`,
# `--until`) and is printed, but the rows are compared in the order of the file. When the newest row comes
# first, as in the answer of a query with ORDER BY time DESC or in a table that grows at its top, time
# runs backwards: a p95 that went from 100 to 150 ms is shown as -33 %, at the commit before the one
# that did it, as if that commit had made it faster. In a file of two parts that were joined in the wrong
# order, a change is found where the parts meet. No message is printed, and the documentation of the CSV
# files names no order.
#
# Seen with apache-otava 0.8.0 (formerly Hunter) on Python 3.11. Exit code 0: still so. 1: it changed.
# Users meet it when they look for the build that made a service slower.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet apache-otava==0.8.0 2>/dev/null
cat >oldest-first.csv <<'CSV'
time,commit,p95
2026-11-01 00:00:00 +0000,a01,100
2026-11-02 00:00:00 +0000,a02,101
2026-11-03 00:00:00 +0000,a03,99
2026-11-04 00:00:00 +0000,a04,100
2026-11-05 00:00:00 +0000,a05,102
2026-11-06 00:00:00 +0000,a06,150
2026-11-07 00:00:00 +0000,a07,151
2026-11-08 00:00:00 +0000,a08,149
2026-11-09 00:00:00 +0000,a09,150
2026-11-10 00:00:00 +0000,a10,152
CSV
{ head -1 oldest-first.csv; tail -n +2 oldest-first.csv | tac; } >newest-first.csv
cat >otava.yaml <<'YAML'
tests:
  oldest-first: {type: csv, file: oldest-first.csv, time_column: time, attributes: [commit], metrics: {p95: {column: p95, direction: -1}}}
  newest-first: {type: csv, file: newest-first.csv, time_column: time, attributes: [commit], metrics: {p95: {column: p95, direction: -1}}}
YAML
{ venv/bin/pip list 2>/dev/null; } | grep '^apache-otava ' | tr -s ' '
for order in oldest-first newest-first; do
  OTAVA_CONFIG=otava.yaml venv/bin/otava analyze "$order" --since 2026-10-01 --until 2026-11-20 >"$order.txt" 2>&1
  echo "$order:"
  grep -E '^2026|%' "$order.txt" | grep -B1 -A1 % | sed 's/  *$//'
done
grep -A2 'a05 ' oldest-first.txt | grep -q '+49.8%'
grep -A2 'a06 ' newest-first.txt | grep -q -- '-33.2%'
! grep -qiE 'order|sort' newest-first.txt
