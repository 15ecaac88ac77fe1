#!/usr/bin/env bash
# http-benchmarker has a median of a second for a server that answers each request in 40 ms.
#
# The package sends a number of requests with a number of connections, as ab does. It begins all requests at once and lets
# the connections of aiohttp take them one after another; the clock of each request runs from that first moment. So a
# "latency" is the time since the test began, for all but the first requests. Half of them have waited for more than half
# of the test. With twice as many requests, each percentile is twice as long, at the same server. `--timeout` counts
# from the same moment: a test that is longer than the timeout (10 s) fails all of its later requests, though none was
# slow. The number of requests a second is right.
#
# The times of the server are long, so that a busy machine does not change which is larger.
# Seen with http-benchmarker 0.1.2, aiohttp 3.11.18 on Python 3.11. Exit code 0: still so. 1: it changed.
# Users meet it when they compare its percentiles with those of another load generator.
set -euo pipefail
scratch=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check http-benchmarker==0.1.2 aiohttp==3.11.18 numpy==1.26.4 click==8.1.8 colorama==0.4.6
cat >server.js <<'JS'
const http = require('http');
let now = 0;
let most = 0;
const times = [];
http
  .createServer((req, res) => {
    if (req.url === '/report') return res.end(JSON.stringify({ most, requests: times.length, longest: Math.max(...times) }));
    const began = performance.now();
    most = Math.max(most, ++now);
    setTimeout(() => {
      now--;
      times.push(performance.now() - began);
      res.end('ok');
    }, 40);
  })
  .listen(0, '127.0.0.1', function () { console.log(this.address().port); });
JS
node server.js >port &
server=$!
until [[ -s port ]]; do sleep 0.1; done
cat >load.py <<'PY'
import asyncio
import json
import sys
import urllib.request
from importlib.metadata import version

from http_benchmarker.bench import run_benchmark

url = f"http://127.0.0.1:{sys.argv[1]}/"
print(f"http-benchmarker {version('http-benchmarker')}, aiohttp {version('aiohttp')}, Python {sys.version.split()[0]}")
medians = []
for requests in (200, 400):
    result = asyncio.run(run_benchmark(url, requests, 4))
    whole = result["total_time"] * 1000
    medians.append((result["p50"], whole, result["success_count"] == requests))
    mean = whole * 4 / requests
    print(f"{requests} requests, 4 connections: {whole:.0f} ms in all, so a request took {mean:.0f} ms at most on average")
    print(f"  http-benchmarker: p50 {result['p50']:.0f}, p99 {result['p99']:.0f}, max {result['max_latency']:.0f} ms")
cut = asyncio.run(run_benchmark(url, 200, 4, timeout=1))
print(f"200 requests with a timeout of 1 s: {cut['success_count']} succeeded")
report = json.load(urllib.request.urlopen(url + "report"))
print(f"the server: {report['requests']} requests, at most {report['most']} at a time, the longest took {report['longest']:.0f} ms")
half = all(0.4 < median / whole < 0.6 and fine for median, whole, fine in medians)
sys.exit(0 if half and report["most"] == 4 and medians[0][0] > 2 * report["longest"] and cut["success_count"] < 150 else 1)
PY
venv/bin/python load.py "$(cat port)" 2>/dev/null | grep -Ev ' - (INFO|ERROR) - '
