#!/usr/bin/env bash
# Taurus reports 100 % success for ab and for siege while the server answers each request with 500.
#
# bzt runs ab with `-g` and reads that table of times, which has no statuses, and marks each row as a
# success. The line "Non-2xx responses" of ab, which it keeps in `ab.out`, is not read. From siege it
# does read the status, shows `rc_500` in its file, and still counts the request as a success: only an
# error text makes a failure, and it sets none. So the final statistics have the status OK, a
# criterion such as `fail>1%` never stops the test, and the exit code of bzt is 0.
#
# Seen with bzt 1.17.2, ab 2.3 (apache2-utils) and siege 4.0.7 of Debian 12. Exit code 0: still so.
# 1: the behaviour changed.
# Users meet it when a pipeline holds a threshold of failures with the two smallest executors.
set -euo pipefail
scratch=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
apt-get download -qq apache2-utils libapr1 libaprutil1 siege >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" root; done
export LD_LIBRARY_PATH="$scratch/$(dirname "$(find root -name 'libapr-1.so.0' | head -1)")"
export HOME=$scratch PATH=$scratch/venv/bin:$scratch/root/usr/bin:$PATH
python3 -m venv venv
venv/bin/pip install --quiet --no-compile bzt==1.17.2 2>/dev/null
cat >server.js <<'JS'
require('http')
  .createServer((req, res) => setTimeout(() => { res.statusCode = 500; res.end('broken'); }, 10))
  .listen(0, '127.0.0.1', function () { console.log(this.address().port); });
JS
node server.js >port &
server=$!
until [[ -s port ]]; do sleep 0.1; done
{ venv/bin/pip show bzt 2>/dev/null; } | sed -n 's/^Version: /bzt /p'
for deb in apache2-utils siege; do dpkg-deb -f "$deb"_*.deb Package Version | paste -sd' '; done
for executor in ab siege; do
  cat >$executor.yml <<YML
settings: {check-updates: false, artifacts-dir: out-$executor}
execution:
- {executor: $executor, concurrency: 2, iterations: 50, scenario: load}
scenarios: {load: {requests: ['http://127.0.0.1:$(cat port)/']}}
modules: {console: {disable: true}}
reporting:
- {module: final-stats, dump-csv: $executor.csv}
- {module: passfail, criteria: ['fail>1% for 1s, stop as failed']}
YML
  code=0
  bzt $executor.yml >bzt.txt 2>&1 || code=$?
  echo "$executor: bzt ended with $code"
  [[ $code = 0 ]]
done
grep 'Non-2xx' out-ab/ab.out | tr -s ' '
cat >read.py <<'PY'
import csv
import sys

holds = True
for executor in ("ab", "siege"):
    row = [row for row in csv.DictReader(open(f"{executor}.csv")) if row["label"] == ""][0]
    print(f"Taurus, {executor}:", {key: row.get(key) for key in ("succ", "fail", "rc_500")})
    holds &= int(row["succ"]) >= 90 and int(row["fail"]) == 0
    if executor == "siege":
        holds &= row["rc_500"] == row["succ"]
sys.exit(0 if holds else 1)
PY
grep -q 'Non-2xx responses: *100' out-ab/ab.out
python3 read.py
