#!/usr/bin/env bash
# GoAccess takes a time that nginx does not know for 0 ms, and divides the times by all requests.
#
# nginx writes "-" for `$upstream_response_time` when it asked no server: for an answer from its cache, and for
# a request that it refused itself. GoAccess reads the field with
# `%T`, takes "-" for 0, and shows the mean of a request. The line is valid, and nothing is printed about
# it. A page that takes the Node server 2 s, and is answered from the cache nine times in ten, has a
# mean of 0.2 s, in a log of the times of that server. `cumts` and `maxts` are right.
#
# Seen with GoAccess 1.7 (Debian 1:1.7-1). Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they look for the slow routes of a service behind nginx.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
apt-get download -qq goaccess=1:1.7-1 libmaxminddb0 2>/dev/null
for package in *.deb; do dpkg -x "$package" root; done
library=$(dirname "$(find root -name 'libmaxminddb.so.0' | sed -n 1p)")
python3 - >access.log <<'PY'
for number in range(100):
    for path, time in (("/cached", "-" if number % 10 else "2.000"), ("/plain", "2.000")):
        print(f'127.0.0.1 - - [29/Nov/2026:10:00:{number % 60:02d} +0000] "GET {path} HTTP/1.1" 200 512 "-" "curl/8" {time}')
PY
LD_LIBRARY_PATH=$library root/usr/bin/goaccess access.log --no-global-config --log-format='%h %^[%d:%t %^] "%r" %s %b "%R" "%u" %T' \
  --date-format=%d/%b/%Y --time-format=%T -o report.json >log.txt 2>&1
cat >compare.py <<'PY'
import json
import sys

report = json.load(open("report.json"))
general = report["general"]
print(f"GoAccess 1.7: {general['valid_requests']} valid lines, {general['failed_requests']} failed ones")
rows = {row["data"]: row for row in report["requests"]["data"]}
for path, row in sorted(rows.items()):
    # GoAccess counts in microseconds.
    print(path, row["hits"]["count"], "requests,", f"mean {row['avgts'] / 1e6} s, sum {row['cumts'] / 1e6} s, longest {row['maxts'] / 1e6} s")
still = rows["/plain"]["avgts"] == 2e6 and rows["/cached"]["avgts"] == 2e5 and rows["/cached"]["cumts"] == 2e7 and rows["/cached"]["maxts"] == 2e6
sys.exit(0 if still and general["failed_requests"] == 0 and general["valid_requests"] == 200 else 1)
PY
python3 compare.py
