#!/usr/bin/env bash
# Records the requests of real clients to a Pyroscope server, into samples/pyroscope.
#
#   tests/record/pyroscope.sh [TO]
#
# No live server is needed: a small one in Node takes every request and keeps it. The clients
# are npm's @pyroscope/nodejs and PyPI's pyroscope-io. The programs run in /srv/shop, whose
# path is in the profiles.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
to=${1:-$root/samples/pyroscope}
app=/srv/shop
work=$(mktemp -d)
server=''
trap '[[ -z $server ]] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
mkdir -p "$to" "$app"

cat >"$work/server.mjs" <<'JS'
import http from 'node:http';
import fs from 'node:fs';
let number = 0;
const server = http.createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const { method, url, headers } = request;
    const name = `${process.argv[2]}/${String(++number).padStart(3, '0')}`;
    fs.writeFileSync(`${name}.json`, JSON.stringify({ method, url, type: headers['content-type'],
      encoding: headers['content-encoding'], agent: headers['user-agent'] }, null, 1));
    fs.writeFileSync(`${name}.body`, Buffer.concat(parts));
    response.end();
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
JS
node "$work/server.mjs" "$work" >"$work/port" &
server=$!
until [[ -s $work/port ]]; do sleep 0.1; done
address=http://127.0.0.1:$(<"$work/port")

npm install --prefix "$app" --no-audit --no-fund --loglevel=error @pyroscope/nodejs@0.6.4
cat >"$app/app.cjs" <<'JS'
const pyroscope = require('@pyroscope/nodejs');
pyroscope.init({ serverAddress: process.argv[2], appName: 'shop', tags: { version: '1.2' },
  flushIntervalMs: 3000, wall: { collectCpuTime: true } });
pyroscope.start();
function priceOrder() { let sum = 0; for (let i = 0; i < 1e6; i++) sum += Math.sqrt(i); return sum; }
const timer = setInterval(priceOrder, 5);
setTimeout(async () => { clearInterval(timer); await pyroscope.stop(); process.exit(); }, 5000);
JS
node "$app/app.cjs" "$address"

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet pyroscope-io==1.4.0
cat >"$app/app.py" <<'PY'
import sys
import time

import pyroscope

pyroscope.configure(application_name="shop", server_address=sys.argv[1], tags={"version": "1.2"})


def price_order():
    return sum(i * i for i in range(100000))


end = time.time() + 16
while time.time() < end:
    price_order()
pyroscope.shutdown()
PY
"$work/venv/bin/python" "$app/app.py" "$address"

# The first request of each client with a profile of CPU time.
for head in "$work"/*.json; do
  body=${head%.json}.body
  case $(<"$head") in
    *PusherService/Push*) name=python.push.gz ;;
    *sampleRate*) name=nodejs.ingest.pb.gz ;;
    *) continue ;;
  esac
  [[ ! -e $work/$name ]] || continue
  cp "$body" "$work/$name"
  cp "$body" "$to/$name"
  cp "$head" "$to/${name%%.*}.json"
done
ls -l "$to"
