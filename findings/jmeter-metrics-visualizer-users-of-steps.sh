#!/usr/bin/env bash
# jmeter-metrics-visualizer calls a test of 50 users one of a single user, unless its users start one by one.
#
# The package draws the mean and the errors of several JMeter files, to show how a service changed. Under each point
# stands the date and the number of "Virtual Users", and the report has a table for each such number. JMeter writes
# into each row how many users were active at that moment (`allThreads`). The package counts how many different
# numbers there are, where the largest is meant. A test that keeps 50 users has one number, so it is a test of 1
# user; one that starts them in five steps of ten is a test of 5. Only users that start one by one have 50. Three
# runs with the same 50 users are then in three tables, and are compared with tests that really had one or five.
#
# Seen with jmeter-metrics-visualizer 0.5.0, pandas 2.2.3 on Python 3.11. Exit code 0: still so. 1: it changed.
# Users meet it when they look at the history of a test whose ramp they changed or left out.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check jmeter-metrics-visualizer==0.5.0 pandas==2.2.3 numpy==1.26.4 plotly==5.24.1 jinja2==3.1.4 setuptools==75.8.0
cat >report.py <<'PY'
import csv
import re
import sys
import warnings
from importlib.metadata import version

warnings.filterwarnings("ignore")
from jmeter_metrics_visualizer.generate_report import generate_html_report

print(f"jmeter-metrics-visualizer {version('jmeter-metrics-visualizer')}, pandas {version('pandas')}, Python {sys.version.split()[0]}")
# Each run has 1,000 requests; 50 users are active in at least half of them.
runs = {
    "all at once": lambda row: 50,
    "five steps": lambda row: min(50, 10 + row // 100 * 10),
    "one by one": lambda row: min(50, 1 + row // 10),
}
largest = {}
for day, (name, users) in enumerate(runs.items()):
    with open(f"{name}.csv", "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow("timeStamp elapsed label responseCode responseMessage threadName success bytes grpThreads allThreads Latency".split())
        for row in range(1000):
            now = users(row)
            rows.writerow([1796083200000 + day * 86400000 + row * 20, 12, "/price", 200, "OK", f"Users 1-{row % now + 1}", "true", 10, now, now, 11])
    cells = list(csv.DictReader(open(f"{name}.csv")))
    largest[name] = max(int(cell["allThreads"]) for cell in cells)
    threads = len({cell["threadName"] for cell in cells})
    print(f"{name}: the file has up to {largest[name]} users, and {threads} names of threads")
generate_html_report([f"{name}.csv" for name in runs], "report.html")
tables = [int(users) for users in re.findall(r"<h2>Virtual Users: (\d+)</h2>", open("report.html", encoding="utf-8").read())]
print("virtual users of the report's tables, in the order of the files:", tables)
sys.exit(0 if tables == [1, 5, 50] and set(largest.values()) == {50} else 1)
PY
venv/bin/python report.py
