#!/usr/bin/env bash
# In JMeter's format as locust-plugins writes it, requests that failed have code 0 or no row.
#
# Its JmeterListener takes the status from the response `if response ...`. A response of `requests`,
# the library below Locust's HttpUser, is false in such a condition when its status is 400 or more.
# So a 404 or a 503 gets the code 0, which stands for no answer at all. When the test itself calls
# `failure()` on an answer, the condition raises that failure, and the row is never written: the
# file has fewer requests than Locust counted, and those that are missing are the failed ones.
# The column `timeStamp`, in JMeter the start of a request, is its end, in whole seconds.
#
# Seen with locust-plugins 5.0.3, Locust 2.47.0. Exit code 0: still so. 1: it changed.
# Users meet it when they give a Locust test to the reports and the readers made for JMeter.
set -euo pipefail
scratch=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet locust==2.47.0 locust-plugins==5.0.3 2>/dev/null
cat >server.js <<'JS'
const statuses = { '/ok': 200, '/missing': 404, '/busy': 503, '/slow': 200 };
require('http')
  .createServer((req, res) => {
    res.statusCode = statuses[req.url];
    setTimeout(() => res.end('ok'), req.url === '/slow' ? 500 : 5);
  })
  .listen(0, '127.0.0.1', function () { console.log(this.address().port); });
JS
cat >locustfile.py <<'PY'
from locust import HttpUser, constant, events, task
from locust_plugins.listeners.jmeter import JmeterListener


@events.init.add_listener
def listen(environment, **_):
    JmeterListener(env=environment, results_filename="run.jtl")


class Visitor(HttpUser):
    wait_time = constant(0)

    @task
    def visit(self):
        for path in ("/ok", "/missing", "/busy"):
            self.client.get(path)
        with self.client.get("/slow", catch_response=True) as answer:
            answer.failure("too slow, over 0.4 s")
PY
node server.js >port &
server=$!
until [[ -s port ]]; do sleep 0.1; done
venv/bin/locust --headless -u 1 -r 1 -t 6s --csv run --csv-full-history --host "http://127.0.0.1:$(cat port)" >log.txt 2>&1 || true
echo "locust-plugins $(venv/bin/pip show locust-plugins 2>/dev/null | sed -n 's/^Version: //p'), $(venv/bin/locust --version | cut -d' ' -f1,2)"
head -5 run.jtl
cat >read.py <<'PY'
import csv
import sys

rows = list(csv.DictReader(open("run.jtl")))
counted = {row["Name"]: row for row in csv.DictReader(open("run_stats.csv"))}
paths = ("/ok", "/missing", "/busy", "/slow")
codes = {path: sorted({row["responseCode"] for row in rows if row["label"] == path}) for path in paths}
written = {path: sum(row["label"] == path for row in rows) for path in paths}
for path in paths:
    total, failed = counted[path]["Request Count"], counted[path]["Failure Count"]
    print(f"{path}: Locust counted {total} requests, {failed} failed; {written[path]} rows, responseCode {codes[path]}")
codes_lost = codes["/ok"] == ["200"] and codes["/missing"] == codes["/busy"] == ["0"]
rows_lost = written["/slow"] == 0 and int(counted["/slow"]["Failure Count"]) > 0
sys.exit(0 if codes_lost and rows_lost else 1)
PY
python3 read.py
