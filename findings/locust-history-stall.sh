#!/usr/bin/env bash
# Locust's CSV history reports the same requests a second all through a total stall.
#
# `--csv` writes a row a second. `Requests/s` in it is a mean over the last seconds in which
# something was answered, so while the server answers nothing for many seconds the column
# keeps its last value instead of falling to 0. A chart of it shows no outage; only
# `Total Request Count`, which stands still, does.
#
# Seen with Locust 2.47.0. Exit code 0: still so. 1: the behaviour changed.
set -euo pipefail
scratch=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet locust==2.47.0
# Answers for 8 s, then nothing for 12 s, then answers again.
cat >server.js <<'JS'
const begun = Date.now();
const stalled = () => Date.now() - begun > 8000 && Date.now() - begun < 20000;
const waiting = [];
setInterval(() => { if (!stalled()) for (const res of waiting.splice(0)) res.end('ok'); }, 50);
require('http')
  .createServer((req, res) => { if (stalled()) waiting.push(res); else setTimeout(() => res.end('ok'), 20); })
  .listen(0, '127.0.0.1', function () { console.log(this.address().port); });
JS
cat >locustfile.py <<'PY'
from locust import HttpUser, constant, task

class Visitor(HttpUser):
    wait_time = constant(0.05)

    @task
    def page(self):
        self.client.get("/")
PY
node server.js >port &
server=$!
until [[ -s port ]]; do sleep 0.1; done
venv/bin/locust --headless --only-summary -u 4 -r 4 -t 24s --csv run \
  --host "http://127.0.0.1:$(cat port)" >/dev/null 2>&1 || true
python3 - <<'PY'
import csv, sys
rows = [r for r in csv.DictReader(open("run_stats_history.csv")) if r["Name"] == "Aggregated"]
total = [int(r["Total Request Count"]) for r in rows]
rate = [float(r["Requests/s"]) for r in rows]
still = [i for i in range(1, len(rows)) if total[i] == total[i - 1] and total[i] > 50]
silent = max(still) - min(still) + 1 if still else 0
kept = [rate[i] for i in still]
print(f"Locust 2.47.0: no request was answered over {silent} rows; Requests/s meanwhile {kept}")
sys.exit(0 if silent >= 6 and sum(r > 10 for r in kept) >= 6 else 1)
PY
