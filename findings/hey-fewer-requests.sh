#!/usr/bin/env bash
# hey sends fewer requests than it is told to, and prints times that it did not measure.
#
# `hey -n 100 -c 30` shares the requests out as 100 / 30 = 3 for each connection and drops the rest:
# 90 requests, with no message. (`-n 59 -c 30` sends 30.) Below 100 answers the row of the 99th
# percentile is "0% in 0.0000 secs". In the details of the same report, the fastest and the slowest
# "DNS+dialup" are those of whole requests: here every answer takes 50 ms, connecting to
# this machine takes less than one, and the row has an average of well below 1 ms beside a
# fastest of 50 ms.
#
# Seen with hey 0.1.4 (Debian 0.1.4-2+b4). Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they compare the number of requests with the server's, or read a short test.
set -euo pipefail
scratch=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
apt-get download -qq hey=0.1.4-2+b4 2>/dev/null
dpkg -x hey_*.deb root
cat >server.js <<'JS'
let asked = 0;
require('http')
  .createServer((req, res) => {
    if (req.url === '/seen') {
      res.end(String(asked));
      asked = 0;
      return;
    }
    asked += 1;
    setTimeout(() => res.end('ok'), 50);
  })
  .listen(0, '127.0.0.1', function () { console.log(this.address().port); });
JS
node server.js >port &
server=$!
until [[ -s port ]]; do sleep 0.1; done
url="http://127.0.0.1:$(cat port)"
for n in 100 59; do
  root/usr/bin/hey -n "$n" -c 30 "$url/" >"$n.txt"
  curl -s "$url/seen" >"$n.seen"
  echo "hey 0.1.4 -n $n -c 30: the server received $(cat "$n.seen") requests"
done
grep -E ' 9?[05]% in|DNS\+dialup|Fastest' 100.txt
python3 - <<'PY'
import re, sys
text = open("100.txt").read()
average, fastest, _ = map(float, re.search(r"DNS\+dialup:\s+([\d.]+) secs, ([\d.]+) secs, ([\d.]+) secs", text).groups())
sent = [int(open(f"{n}.seen").read()) for n in (100, 59)]
sys.exit(0 if sent == [90, 30] and " 0% in 0.0000 secs" in text and average < 0.04 and fastest >= 0.049 else 1)
PY
