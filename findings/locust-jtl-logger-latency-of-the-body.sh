#!/usr/bin/env bash
# In the JMeter files of locust-jtl-logger, Latency is the time of the body, where JMeter has the time until the first byte.
#
# JMeter's manual has `Latency` as the time from before the request to the first part of the response. The package subtracts
# that time, the `elapsed` of the library requests, from the whole time. So a server that thinks for 0.7 s and answers in
# one piece has a latency of a few milliseconds, and one that begins at once and sends for 0.3 s has one of 0.3 s. From an
# `elapsed` of 1.3 s the code takes the field `microseconds`, which has no whole seconds, so the latency is 1 s then. A
# report of JMeter that compares `elapsed` with `Latency` blames the network for the server, and the server for the network.
# Requests without an answer, and answers that the test itself calls failures, have no row (Locust's log has an error).
#
# Seen with locust-jtl-logger 0.0.2, Locust 2.47.0. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they give a Locust test to the reports and the readers made for JMeter.
set -euo pipefail
scratch=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet locust==2.47.0 locust-jtl-logger==0.0.2 2>/dev/null
cat >server.js <<'JS'
// The times in ms until the headers and from there to the end of the body.
const times = { '/thinks': [700, 0], '/streams': [5, 300], '/thinks-long': [1300, 0] };
require('http')
  .createServer((req, res) => {
    const [wait, body] = times[req.url];
    setTimeout(() => {
      res.write('first');
      setTimeout(() => res.end('last'), body);
    }, wait);
  })
  .listen(0, '127.0.0.1', function () { console.log(this.address().port); });
JS
cat >locustfile.py <<'PY'
from locust import HttpUser, constant, events, task
from locust_jtl_logger import LocustJTLLogger

@events.init.add_listener
def listen(environment, **_):
    LocustJTLLogger(environment, "run.jtl")

class Visitor(HttpUser):
    wait_time = constant(0)

    @task
    def visit(self):
        for path in ("/thinks", "/streams", "/thinks-long"):
            answer = self.client.get(path)
            with open("first.txt", "a") as file:
                print(path, answer.elapsed.total_seconds() * 1000, file=file)
PY
node server.js >port &
server=$!
until [[ -s port ]]; do sleep 0.1; done
venv/bin/locust --headless -u 1 -r 1 -t 8s --host "http://127.0.0.1:$(cat port)" >log.txt 2>&1 || true
echo "locust-jtl-logger $(venv/bin/pip show locust-jtl-logger 2>/dev/null | sed -n 's/^Version: //p'), $(venv/bin/locust --version | cut -d' ' -f1,2)"
cat >read.py <<'PY'
import csv
import sys
from statistics import median

rows = list(csv.DictReader(open("run.jtl")))
first = [line.split() for line in open("first.txt")]
latency = {}
for path in ("/thinks", "/streams", "/thinks-long"):
    ours = [row for row in rows if row["label"] == f"GET {path}"]
    whole, latency[path] = (median(int(row[column]) for row in ours) for column in ("elapsed", "Latency"))
    until = median(float(ms) for name, ms in first if name == path)
    print(f"{path}: {len(ours)} rows, elapsed {whole:.0f} ms, Latency {latency[path]:.0f} ms; first byte after {until:.0f} ms by requests")
sys.exit(0 if latency["/thinks"] < 200 and latency["/streams"] > 200 and 900 < latency["/thinks-long"] < 1250 else 1)
PY
python3 read.py
