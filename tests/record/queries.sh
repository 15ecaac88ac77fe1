#!/usr/bin/env bash
# Makes samples/queries/mariadb-slow.log: the slow query log of a real MariaDB, all
# statements in it. Needs Debian's mariadb-server-core and mariadb-client-core; ROOT is
# where they are unpacked (default /). With percona-toolkit beside them it writes its
# account of the same file, mariadb-slow.peer.json. The files slow-table.* are one log and its table.
#
#   tests/record/queries.sh [ROOT]
set -euo pipefail
cd "$(dirname "$0")/../.."
root=${1:-} out=samples/queries
work=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
export LD_LIBRARY_PATH=$root/usr/lib/x86_64-linux-gnu PATH=$root/usr/bin:$root/usr/sbin:$PATH
mkdir -p "$out" "$work/data" "$work/tmp"
mariadb-install-db --no-defaults --basedir="$root/usr" --datadir="$work/data" --auth-root-authentication-method=normal \
  --user="$(id -un)" --skip-test-db > "$work/install.log" 2>&1
mariadbd --no-defaults --basedir="$root/usr" --datadir="$work/data" --socket="$work/s" --pid-file="$work/pid" \
  --skip-networking --user="$(id -un)" --tmpdir="$work/tmp" --lc-messages-dir="$root/usr/share/mysql" \
  --default-time-zone=+00:00 --slow-query-log=0 --slow-query-log-file="$work/slow.log" --long-query-time=0 \
  --log-slow-verbosity=query_plan > "$work/server.log" 2>&1 &
server=$!
for _ in $(seq 100); do mariadb-admin --socket="$work/s" -u root ping > /dev/null 2>&1 && break || sleep 0.2
  mariadb --no-defaults --socket="$work/s" -u root -e 'select 1' > /dev/null 2>&1 && break; done
sql() { mariadb --no-defaults --socket="$work/s" -u root "$@"; }
sql -e 'create database meals; create table meals.boards (id int primary key auto_increment, title varchar(60), body text);
  create table meals.members (id int primary key, name varchar(60), email varchar(60))'
sql meals -e "insert into boards (title, body) select concat('title ', seq), repeat('x', 200) from seq_1_to_3000;
  insert into members select seq, concat('name ', seq), concat('user-', seq, '@test.com') from seq_1_to_500"
sql -e 'set global slow_query_log = 1'
part() { # how many statements of each kind
  for i in $(seq "$1"); do
    echo "SELECT * FROM boards WHERE id = $((i * 7));"
    echo "SELECT \`b\`.\`id\` AS \`b_id\` FROM \`boards\` \`b\` WHERE \`b\`.\`title\` LIKE '%$i it''s%' LIMIT 10;"
    echo "INSERT INTO \`members\`(\`id\`, \`name\`, \`email\`) VALUES ($((1000 + $2 + i)), 'n\\'$i', \"a$i@test.com\");"
    echo "select count(*) from boards b join members m on m.id < 20 where b.id in ($i, $((i + 1)), 3) and m.name <> 'x$i';"
    [ $((i % 10)) = 0 ] && echo "UPDATE members /* batch $i */ SET name = 'y', email = NULL
WHERE id = $i -- one
;" || true
  done
}
part 20 0 | sql meals
sleep 3
part 30 100 | sql meals
echo "select sleep(0.2); START TRANSACTION; select * from members where id = 5 for update; COMMIT; select * from nowhere" | sql meals 2> /dev/null || true
sql -e 'set global slow_query_log = 0'

# The same statements as a log and as the table mysql.slow_log, in each form in which it is exported.
sql -e "set global log_output = 'FILE,TABLE', slow_query_log_file = '$work/both.log', slow_query_log = 1"
cat > "$work/both.sql" <<'SQL'
SELECT * FROM boards WHERE id = 7;
SELECT `b`.`id` AS `b_id` FROM `boards` `b` WHERE `b`.`title` LIKE '%3 it''s%' LIMIT 10;
INSERT INTO boards(title, body) VALUES ('n\'5', "a ""quoted"" \\ text
of two lines	and a tab");
select count(*) from boards b where b.id in (1, 2, 3) and b.title <> 'x"1';
UPDATE boards /* batch 3 */ SET title = 'y,z|w', body = NULL
WHERE id = 3 -- one
;
select sleep(0.2);
SQL
for _ in 1 2 3; do sql --comments meals < "$work/both.sql" > /dev/null; done
sql -e 'set global slow_query_log = 0'
table='SELECT * FROM mysql.slow_log'
sql -B -e "$table" > "$out/slow-table.tsv"
sql -B -r -e "$table" > "$out/slow-table-raw.tsv"
sql -e "$table\G" > "$out/slow-table.txt"
sql -B -N -r -e "select json_object('start_time', start_time, 'query_time', query_time, 'lock_time', lock_time,
  'rows_sent', rows_sent, 'rows_examined', rows_examined, 'sql_text', sql_text, 'rows_affected', rows_affected) from mysql.slow_log" > "$out/slow-table.ndjson"
sql -e "$table into outfile '$work/out.tsv'; $table into outfile '$work/out.csv'
  fields terminated by ',' optionally enclosed by '\"'"
cp "$work/out.tsv" "$out/slow-table-outfile.tsv"
cp "$work/out.csv" "$out/slow-table-outfile.csv"
cp "$work/data/mysql/slow_log.CSV" "$out/slow-table.csv"
sed "s#$root/usr/sbin/mariadbd#/usr/sbin/mariadbd#; s#socket: .*#socket: /run/mysqld/mysqld.sock#" "$work/both.log" > "$out/slow-table.log"
sed -i "s#$root/usr/sbin/mariadbd#/usr/sbin/mariadbd#; s#socket: .*#socket: /run/mysqld/mysqld.sock#" "$work/slow.log"
cp "$work/slow.log" "$out/mariadb-slow.log"
if perl -I"$root/usr/share/perl5" -c "$root/usr/bin/pt-query-digest" > /dev/null 2>&1; then
  perl -I"$root/usr/share/perl5" -I"$root/usr/lib/x86_64-linux-gnu/perl5/5.36" "$root/usr/bin/pt-query-digest" \
    --limit 100% --output json "$out/mariadb-slow.log" > "$work/peer.json"
  python3 - "$work/peer.json" > "$out/mariadb-slow.peer.json" <<'PYTHON'
import json, sys
classes = json.load(open(sys.argv[1]))["classes"]
kept = [{"fingerprint": c["fingerprint"], "count": c["query_count"], "seconds": float(c["metrics"]["Query_time"]["sum"]),
         "lock_seconds": float(c["metrics"]["Lock_time"]["sum"]), "examined": int(float(c["metrics"]["Rows_examined"]["sum"]))}
        for c in classes]
print(json.dumps(sorted(kept, key=lambda c: c["fingerprint"]), indent=1))
PYTHON
fi
wc -c "$out"/*
