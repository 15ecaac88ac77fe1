#!/usr/bin/env bash
# pgBadger ranks queries without the time of their planning, although its total has it.
#
# PostgreSQL logs a query of the extended protocol, which every query with parameters of
# node-postgres, TypeORM and Prisma is, in three lines with a duration each: `parse`, `bind` and
# `execute`. Planning is in `bind`. pgBadger puts the three together into one query and gives it the
# duration of `execute` alone, in "Slowest queries" and "Queries that took up the most time". Its
# "Total query duration" is the sum of all three. Here a query with large partitions takes 400 ms to
# parse and bind and 10 ms to execute: the report has 10 ms, and ranks a query of 50 ms first. The durations
# of the list add up to 60 ms of 460. The page of HTML has lists of their own for `parse` and `bind`;
# the report as text has none.
#
# Seen with pgBadger 12.0 (Debian 12.0-1). Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they look for the query that makes a route slow under load.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
apt-get download -qq pgbadger=12.0-1 2>/dev/null
dpkg -x pgbadger_*.deb root
cat >postgresql.log <<'LOG'
2026-05-01 10:00:00.050 UTC [100] LOG:  duration: 50.000 ms  statement: SELECT count(*) FROM users
2026-05-01 10:00:01.100 UTC [100] LOG:  duration: 100.000 ms  parse <unnamed>: SELECT * FROM orders WHERE id = $1
2026-05-01 10:00:01.400 UTC [100] LOG:  duration: 300.000 ms  bind <unnamed>: SELECT * FROM orders WHERE id = $1
2026-05-01 10:00:01.400 UTC [100] DETAIL:  parameters: $1 = '7'
2026-05-01 10:00:01.410 UTC [100] LOG:  duration: 10.000 ms  execute <unnamed>: SELECT * FROM orders WHERE id = $1
2026-05-01 10:00:01.410 UTC [100] DETAIL:  parameters: $1 = '7'
LOG
for kind in text html; do
  perl root/usr/bin/pgbadger -q -f stderr -p '%m [%p] ' -x "$kind" -o "report.$kind" postgresql.log
done
perl root/usr/bin/pgbadger --version
python3 - <<'PY'
import re, sys
text = open("report.text").read()
total = re.search(r"Total query duration: (\S+)", text)[1]
section = text.split("- Queries that took up the most time")[1].split("- Most frequent queries")[0]
rows = re.findall(r"^\d+\) (\d+)ms - (\d+) - .* - (SELECT .*)$", section, re.M)
print(f"total query duration: {total}")
for duration, times, query in rows:
    print(f"took up the most time: {duration} ms, executed {times} times: {query}")
lists = sum("bind" in part.splitlines()[0].lower() for part in text.split("\n- "))
page = open("report.html").read()
tabs = sum(f'id="time-consuming-{kind}"' in page for kind in ("prepare", "bind"))
print(f"lists of parse and bind: {lists} in the text, {tabs} in the page")
still = total == "460ms" and [row[0] for row in rows] == ["50", "10"] and "orders" in rows[1][2] and lists == 0
sys.exit(0 if still else 1)
PY
