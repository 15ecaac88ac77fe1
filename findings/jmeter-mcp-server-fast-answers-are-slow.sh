#!/usr/bin/env bash
# jmeter-mcp-server reads an answer of 90 ms as one of 90 s, and one of 110 ms as it is.
#
# The package analyses logs of load tests: files of JMeter, and tables of other tools with a column such as `duration`
# or `response_time`. In those tables it guesses the unit of each row by itself. A number below 100 is taken for seconds
# and multiplied by a thousand, one above 100,000 for nanoseconds and divided by a million, whatever the name of the
# column says. Latencies in milliseconds lie on both sides of 100, so the fast answers become the slowest ones: of 180
# answers of 90 ms and 20 of 110 ms the median is 90 s, the minimum 110 ms. A request that waited for 150 s is then one of
# 0.15 ms. The part "service_analysis" of the same result takes the numbers as they are. A file of JMeter is read right.
#
# Seen with jmeter-mcp-server 2.0.2 on Python 3.11. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they give an assistant the table of a load test, and ask how long the requests took.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
# The other dependencies are not needed for logs.
venv/bin/pip install --quiet --no-compile --disable-pip-version-check mcp==1.12.4 pydantic==2.11.7
venv/bin/pip install --quiet --no-compile --disable-pip-version-check --no-deps jmeter-mcp-server==2.0.2
cat >analyse.py <<'PY'
import logging
import statistics
import sys
from importlib.metadata import version

from jmeter_mcp.jmeter_adva_mcp_o_14_Aug_25 import analyze_any_log

logging.disable(logging.INFO)
print(f"jmeter-mcp-server {version('jmeter-mcp-server')}, Python {sys.version.split()[0]}")
answers = [("/price", 90)] * 180 + [("/search", 110)] * 20
with open("run.csv", "w") as table, open("run.jtl", "w") as jmeter:
    table.write("timestamp,endpoint,response_time_ms,status\n")
    jmeter.write("timeStamp,elapsed,label,responseCode,success\n")
    for row, (path, milliseconds) in enumerate(answers):
        table.write(f"{1796119200000 + row * 100},{path},{milliseconds},200\n")
        jmeter.write(f"{1796119200000 + row * 100},{milliseconds},{path},200,true\n")
truth = [milliseconds for _, milliseconds in answers]
print(f"the answers: min {min(truth)}, median {statistics.median(truth)}, mean {statistics.mean(truth)}, max {max(truth)} ms")
seen = {}
for name in ("run.jtl", "run.csv"):
    result = analyze_any_log(name)
    stats = result["response_time_stats"]
    seen[name] = [stats[part] for part in ("min", "median", "mean", "max")]
    print(f"{name} ({result['format']}): min {stats['min']}, median {stats['median']}, mean {stats['mean']}, max {stats['max']} ms")
with open("slow.csv", "w") as table:
    table.write("timestamp,endpoint,response_time_ms,status\n1796119200000,/report,150000,200\n1796119201000,/report,150000,200\n")
slow = analyze_any_log("slow.csv")["response_time_stats"]["max"]
print(f"two requests of 150 s: max {slow} ms")
services = {path: stats["mean"] for path, stats in result["service_analysis"].items()}
print(f"service_analysis of run.csv: {services}")
still = seen["run.jtl"] == [90, 90, 92, 110] and seen["run.csv"] == [110, 90000, 81011, 90000]
sys.exit(0 if still and slow == 0.15 and services == {"/price": 90, "/search": 110} else 1)
PY
venv/bin/python analyse.py
