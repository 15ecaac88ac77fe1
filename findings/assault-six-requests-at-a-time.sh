#!/usr/bin/env bash
# assault sends six requests at a time from a machine of two cores, however many it is told to.
#
# The package has an option `--concurrency`, the "number of concurrent requests", and starts as many workers. Each worker
# gives its request to the pool of threads that Python's asyncio keeps for such calls. That pool has four threads more
# than the machine has cores, and at most 32. So 50 concurrent requests are 6 on two cores, and would be 12 on eight.
# A request that waits for a thread has not begun, and its wait is in no time that is printed: the slowest of 50 took
# 0.5 s, though the last ones came back after 4.7 s. The number of requests a second is that of the pool, and looks like
# the limit of the server, which answers 50 threads at the same time. No message is printed.
#
# Seen with assault 1.0.0 on Python 3.11. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they raise the concurrency step by step to find the plateau of a service.
set -euo pipefail
scratch=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check assault==1.0.0 requests==2.32.3 click==8.1.8
cat >server.js <<'JS'
const http = require('http');
let now = 0;
let most = 0;
http
  .createServer((req, res) => {
    if (req.url === '/most') {
      res.end(String(most));
      most = 0;
      return;
    }
    most = Math.max(most, ++now);
    setTimeout(() => { now--; res.end('ok'); }, 500);
  })
  .listen(0, '127.0.0.1', function () { console.log(this.address().port); });
JS
node server.js >port &
server=$!
until [[ -s port ]]; do sleep 0.1; done
cat >load.py <<'PY'
import os
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version

from assault.http import assault

url = f"http://127.0.0.1:{sys.argv[1]}/"
limit = min(32, os.cpu_count() + 4)
print(f"assault {version('assault')}, Python {sys.version.split()[0]}, {os.cpu_count()} cores")

def most():
    return int(urllib.request.urlopen(url + "most").read())

seen = []
for concurrency in (3, 50):
    seconds, requests = assault(url, concurrency, concurrency)
    seen.append(most())
    print(f"--concurrency {concurrency}: at most {seen[-1]} at a time, {seconds:.1f} s in all, the slowest {max(row['request_time'] for row in requests):.1f} s")
with ThreadPoolExecutor(50) as pool:
    list(pool.map(lambda _: urllib.request.urlopen(url).read(), range(50)))
control = most()
print(f"50 threads of one's own: at most {control} at a time")
sys.exit(0 if limit < 30 and seen == [3, limit] and control > 2 * limit else 1)
PY
timeout 90 venv/bin/python load.py "$(cat port)"
