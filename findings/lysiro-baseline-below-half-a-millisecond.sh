#!/usr/bin/env bash
# lysiro finds no change where a route that took 0.4 ms takes 40 ms.
#
# The package reads results of k6 or JMeter, compares the 95th percentiles of two runs, and ends with 1 when one rose by
# more than 10 %. It keeps each duration as a whole number of milliseconds. The 0.4 ms that k6 writes become 0, and
# JMeter itself writes 0 for answers below a millisecond. A percentile of 0 ms cannot be divided by, and then lysiro takes
# the change for 0 %: "nothing moved. every transaction is within threshold", and the code is 0, whatever the new run has.
# From 0.6 ms, which becomes 1, to 40 ms is a change of 3,900 %. The README promises exact percentiles without estimates.
# A rise from 0.6 to 1.4 ms is no change either.
#
# Seen with lysiro 0.1.0 on Python 3.11. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when a pipeline guards routes that are answered from memory.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check lysiro==0.1.0
cat >compare.py <<'PY'
import json
import re
import subprocess
import sys
from importlib.metadata import version

print(f"lysiro {version('lysiro')}, Python {sys.version.split()[0]}")

def k6(milliseconds):
    """Writes 200 requests of one duration as `k6 run --out json=` does, and returns the name of the file."""
    name = f"k6-{milliseconds}.json"
    with open(name, "w") as file:
        for row in range(200):
            tags = {"name": "/price", "method": "GET", "status": "200", "expected_response": "true"}
            data = {"time": f"2026-12-01T10:00:{row // 10:02d}.{row % 10}00Z", "value": milliseconds, "tags": tags}
            file.write(json.dumps({"metric": "http_req_duration", "type": "Point", "data": data}) + "\n")
    return name

def jmeter(milliseconds):
    """Writes the requests as JMeter does, which has whole milliseconds."""
    name = f"jmeter-{milliseconds}.jtl"
    with open(name, "w") as file:
        file.write("timeStamp,elapsed,label,responseCode,responseMessage,threadName,success,bytes\n")
        for row in range(200):
            file.write(f"{1796119200000 + row * 100},{milliseconds},/price,200,OK,Users 1-1,true,10\n")
    return name

seen = []
for write, before, after in ((k6, 0.4, 40), (k6, 0.6, 40), (k6, 0.6, 1.4), (k6, 10, 40), (jmeter, 0, 40), (jmeter, 1, 40)):
    run = subprocess.run(["venv/bin/lysiro", "report", write(after), "--baseline", write(before)], capture_output=True, text=True)
    words = re.search(r"nothing moved|\([+-]\d+%\)", run.stdout).group()
    truth = f"{(after / before - 1) * 100:+.0f} %" if before else "from below 1 ms"
    print(f"{write.__name__}, {before} to {after} ms ({truth}): {words}, exit code {run.returncode}")
    seen.append(run.returncode)
sys.exit(0 if seen == [0, 1, 0, 1, 0, 1] else 1)
PY
venv/bin/python compare.py
