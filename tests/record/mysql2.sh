#!/usr/bin/env bash
# Makes the logs of samples/mysql2: 36 errors of mysql2 and TypeORM, made for real, each through
# Nest's ConsoleLogger, pino, winston and console.error. Needs node and npm, and mariadbd
# (apt-get install mariadb-server).
#
#   tests/record/mysql2.sh [OUTDIR]      default samples/mysql2
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$(mkdir -p "${1:-$here/../../samples/mysql2}" && cd "${1:-$here/../../samples/mysql2}" && pwd)
scratch=$(mktemp -d)
chmod 755 "$scratch"
database=
trap 'kill $database 2>/dev/null || true; wait; rm -rf "$scratch"' EXIT
cp "$here"/mysql2/*.cjs "$scratch"
cd "$scratch"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent --ignore-scripts mysql2@3.24.6 typeorm@1.1.1 \
  @nestjs/common@11 reflect-metadata@0.2 rxjs@7 pino@10 winston@3

install -d -o mysql db
mariadb-install-db --no-defaults --user=mysql --datadir="$scratch/db" --auth-root-authentication-method=normal >/dev/null
mariadbd --no-defaults --user=mysql --datadir="$scratch/db" --socket="$scratch/db/s" --port=34406 \
  --bind-address=127.0.0.1 --skip-name-resolve --max-connections=12 --innodb-lock-wait-timeout=1 >db.log 2>&1 &
database=$!
sql() { mariadb --no-defaults -uroot --socket="$scratch/db/s" "$@"; }
until sql -e 'SELECT 1' >/dev/null 2>&1; do sleep 0.2; done
sql -e "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v INT); INSERT INTO shop.t VALUES (1, 1), (2, 2)"
for user in "shop@'127.0.0.1' IDENTIFIED BY 'shop'" \
  "few@'127.0.0.1' IDENTIFIED BY 'shop' WITH MAX_USER_CONNECTIONS 1" \
  "hour@'127.0.0.1' IDENTIFIED BY 'shop' WITH MAX_QUERIES_PER_HOUR 3"; do
  sql -e "CREATE USER $user; GRANT ALL ON *.* TO ${user%% *}"
done
TZ=Asia/Seoul node log.cjs "$out"
wc -c "$out"/*.log
