#!/usr/bin/env bash
# Makes the logs of samples/errors anew: a NestJS, TypeORM and mysql2 server
# (tests/record/errors) that runs into the errors of pools and connections.
# Needs root (for /srv/meals, whose path is in the logs), node and npm, and
# mariadbd (apt-get install mariadb-server).
#
#   tests/record/errors.sh [OUTDIR]      default samples/errors
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$(mkdir -p "${1:-$here/../../samples/errors}" && cd "${1:-$here/../../samples/errors}" && pwd)
scratch=$(mktemp -d)
chmod 755 "$scratch"
database= silent=
trap 'kill $database $silent 2>/dev/null || true; wait; rm -rf "$scratch"' EXIT
port=33306 silent_port=33307 closed_port=33308

mkdir -p /srv/meals
cp -r "$here"/errors/. /srv/meals
cd /srv/meals
npm install --no-audit --no-fund --silent
node node_modules/typescript/bin/tsc -p .

install -d -o mysql "$scratch/db"
mariadb-install-db --no-defaults --user=mysql --datadir="$scratch/db" --auth-root-authentication-method=normal >/dev/null
mariadbd --no-defaults --user=mysql --datadir="$scratch/db" --socket="$scratch/db/s" --port=$port \
  --bind-address=127.0.0.1 --max-connections=10 >"$scratch/db.log" 2>&1 &
database=$!
sql() { mariadb --no-defaults -uroot --socket="$scratch/db/s" "$@"; }
until sql -e 'SELECT 1' >/dev/null 2>&1; do sleep 0.2; done
sql -e "CREATE DATABASE meals; CREATE USER meals@'127.0.0.1' IDENTIFIED BY 'meals';
        GRANT ALL ON *.* TO meals@'127.0.0.1'"
# Takes connections and never says a word.
node -e "require('net').createServer(() => {}).listen($silent_port, '127.0.0.1')" &
silent=$!

# NAME LOCALE VARIABLE=VALUE...: a run of the server.
serve() {
  local name=$1 locale=$2
  shift 2
  env LC_ALL="$locale" TZ=Asia/Seoul DB_PORT=$port "$@" node dist/main.js >"$out/$name.log" 2>&1 || true
  echo "$name: $(wc -c <"$out/$name.log") bytes"
}

SYNC=1 serve setup en_US.UTF-8 REQUESTS=
rm "$out/setup.log"
# Five wait for one connection, and one of them may.
serve queue ko_KR.UTF-8 FILTER=1 LIMIT=1 QUEUE=1 REQUESTS='4*list=0.2 list=0 5*list=0.2'
serve closed ko_KR.UTF-8 FILTER=1 SQL=1 REQUESTS='add=soup add=soup closed broken'
serve pool en_US.UTF-8 LIMIT=2 WAIT=0 REQUESTS='4*list=0.1 missing=7 caused=8 lost ended'
serve too-many de_DE.UTF-8 LIMIT=20 NO_COLOR=1 REQUESTS='14*list=0.2'
serve timeout en_GB.UTF-8 NO_COLOR=1 DB_PORT=$silent_port
serve refused en_US.UTF-8 DB_PORT=$closed_port
for kind in pino winston; do
  CLOSED_PORT=$closed_port node dist/json.js $kind >"$out/$kind.log" 2>&1
done
for kind in cause many reject console; do
  node dist/crash.js $kind >"$out/node-$kind.log" 2>&1 || true
done
du -cb "$out"/*.log
