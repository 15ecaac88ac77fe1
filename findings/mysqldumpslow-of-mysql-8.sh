#!/usr/bin/env bash
# Debian's mysqldumpslow reads a slow query log of MySQL 8 as statements that took 0 seconds.
#
# The program comes from MariaDB there, and knows the time of MariaDB's log, `# Time: 261128
# 6:00:00`. MySQL has written `# Time: 2026-11-28T06:00:00.000000Z` since 5.7. That line is then
# taken for a part of the statement, and as it is the first one, all lines below it are too. No
# message is printed; every group has Time=0.00s and 0users@0hosts, so the order, which is meant
# to be that of the times, means nothing. The first statement of the file is a group of its own,
# because it still has the `#` that the others lose. The same records in MariaDB's form are
# read rightly.
#
# Seen with mariadb-client 1:10.11.19-0+deb12u1 of Debian 12 (Perl 5.36), a log in the form that
# MySQL 8.0's manual shows. Exit code 0: still so. 1: the behaviour changed.
# Users meet it with the logs of MySQL or RDS on a machine with Debian's package.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
apt-get download -qq mariadb-client=1:10.11.19-0+deb12u1 2>/dev/null
dpkg -x mariadb-client_*.deb root
python3 - <<'PY'
from datetime import datetime, timedelta, timezone
start = datetime(2026, 11, 28, 6, 0, 0, tzinfo=timezone.utc)
records = [(0.3, f"select * from orders where id = {n}") for n in range(10)]
records += [(2.0, f"select * from members where id = {n}") for n in range(10)]
for name, server, form in (
    ("mysql-8.log", "/usr/sbin/mysqld, Version: 8.0.36 (MySQL Community Server - GPL)", "%Y-%m-%dT%H:%M:%S.000000Z"),
    ("mariadb.log", "/usr/sbin/mariadbd, Version: 10.11.19-MariaDB", "%y%m%d %H:%M:%S"),
):
    with open(name, "w") as log:
        log.write(f"{server}. started with:\nTcp port: 3306  Unix socket: /run/mysqld/mysqld.sock\n"
                  "Time                 Id Command    Argument\n")
        for at, (seconds, text) in enumerate(records):
            end = start + timedelta(seconds=3 * at)
            log.write(f"# Time: {end.strftime(form)}\n# User@Host: shop[shop] @ localhost []  Id:     8\n"
                      f"# Query_time: {seconds:.6f}  Lock_time: 0.000001 Rows_sent: 1  Rows_examined: 1000\n"
                      f"SET timestamp={int(end.timestamp())};\n{text};\n")
PY
dump=root/usr/bin/mariadb-dumpslow
[[ -e $dump ]] || dump=root/usr/bin/mysqldumpslow
for log in mariadb.log mysql-8.log; do
  echo "$log:"
  perl "$dump" "$log" 2>/dev/null | tee "$log.out" | grep -E '^Count' | cut -d, -f1
done
[[ $(grep -c '^Count: 10  Time=2.00s (' mariadb.log.out) == 1 && $(grep -c '^Count' mariadb.log.out) == 2 ]]
[[ $(grep -c '^Count.*Time=0.00s (0s)' mysql-8.log.out) == 3 && $(grep -c '^Count' mysql-8.log.out) == 3 ]]
