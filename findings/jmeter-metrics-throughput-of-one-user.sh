#!/usr/bin/env bash
# jmeter-metrics reports the throughput of one user who never waits as that of the whole test.
#
# The package makes a page of a JTL, JMeter's file of results. Its column "Throughput" is 1,000 divided
# by the mean duration in milliseconds. JMeter's glossary defines it as the number of requests divided
# by the time from the start of the first to the end of the last one. The two are equal with one user
# and no pause alone. Here 50 users have answers of 500 ms: 99 requests a second by that definition, and
# 2 on the page. A probe with one request of 20 ms every ten seconds has 0.1 a second, and 50 on the
# page. The times of the requests are not used at all.
#
# Seen with jmeter-metrics 1.0.6, pandas 2.2.3 (numpy 1.26.4) on Python 3.11. Exit code 0: still so. 1: it changed.
# Users meet it when they compare the throughput of two builds on such pages.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check jmeter-metrics==1.0.6 pandas==2.2.3 beautifulsoup4==4.12.3 numpy==1.26.4
cat >write.py <<'PY'
import csv

began = 1750000000000
rows = []
for user in range(50):
    for turn in range(100):
        # All users begin within half a second, and each sends its next request when the answer is there.
        rows.append((began + 10 * user + 500 * turn, 500, "GET /users", f"Thread Group 1-{user + 1}"))
for turn in range(5):
    rows.append((began + 10000 * turn, 20, "GET /health", "Thread Group 2-1"))
with open("result.jtl", "w", newline="") as file:
    table = csv.writer(file)
    table.writerow("timeStamp,elapsed,label,responseCode,responseMessage,threadName,success,failureMessage".split(","))
    for start, elapsed, label, thread in sorted(rows):
        table.writerow([start, elapsed, label, 200, "OK", thread, "true", ""])
PY
venv/bin/python write.py
venv/bin/jmetermetrics --output result.jtl --metrics-report-name page.html --ignoretableresult True >log.txt 2>&1 || { cat log.txt; exit 1; }
cat >compare.py <<'PY'
import csv
import sys
from importlib.metadata import version

from bs4 import BeautifulSoup

print(f"jmeter-metrics {version('jmeter-metrics')}, pandas {version('pandas')}")
requests = list(csv.DictReader(open("result.jtl")))
page = BeautifulSoup(open("page.html").read(), "html.parser")
table = next(one for one in page.find_all("table") if "Throughput" in one.get_text())
names = [cell.get_text(strip=True) for cell in table.find_all("th")]
shown = {}
for line in table.find_all("tr"):
    cells = [cell.get_text(strip=True) for cell in line.find_all("td")]
    if len(cells) >= len(names):
        shown[cells[names.index("Label")]] = float(cells[names.index("Throughput")])
rates = {}
for label in ("GET /users", "GET /health"):
    own = [(int(row["timeStamp"]), int(row["elapsed"])) for row in requests if row["label"] == label]
    seconds = (max(start + took for start, took in own) - min(start for start, _ in own)) / 1000
    rates[label] = len(own) / seconds
    print(f"{label}: {len(own)} requests in {seconds:.1f} s are {rates[label]:.2f} a second; jmeter-metrics: {shown.get(label)}")
still = shown["GET /users"] == 2 and rates["GET /users"] > 90 and shown["GET /health"] == 50 and rates["GET /health"] < 0.2
sys.exit(0 if still else 1)
PY
venv/bin/python compare.py
