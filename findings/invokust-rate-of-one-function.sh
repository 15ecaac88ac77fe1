#!/usr/bin/env bash
# invokust's total_rps of a load test is the rate of one of its functions, however many there are.
#
# The package runs Locust in many AWS Lambda functions at a time, to make more load than one machine can, and merges their
# results. It adds the requests and takes the mean of the rates: ten functions with 100 requests a second each have
# a "total_rps" of 100, and a "total_rpm" that follows from it, where the server had 1,000 a second. Twenty functions
# have 100 as well, so the load seems not to grow. The median and the mean time are means over the functions, whatever
# their number of requests. One function with 10 requests of 2 s beside nine with 1,000 of 100 ms makes the mean 290 ms;
# by the requests it is 102 ms. The merged result has the counts, so both can be computed by hand.
#
# Seen with invokust 0.77, numpy 1.26.4 on Python 3.11. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they compare the rate of such a test with the server's own.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
# Locust itself is not needed to merge results.
venv/bin/pip install --quiet --no-compile --disable-pip-version-check numpy==1.26.4
venv/bin/pip install --quiet --no-compile --disable-pip-version-check --no-deps invokust==0.77
cat >merge.py <<'PY'
import importlib.util
import sys
from importlib.metadata import distribution

package = distribution("invokust")
place = package.locate_file("invokust/aws_lambda/results_aggregator.py")
spec = importlib.util.spec_from_file_location("results_aggregator", place)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
print(f"invokust {package.version}, Python {sys.version.split()[0]}")

SECONDS = 10

def result(requests, milliseconds):
    """The result of one function, as invokust returns it."""
    times = {
        "request_type": "GET", "num_requests": requests, "min_response_time": milliseconds, "max_response_time": milliseconds,
        "median_response_time": milliseconds, "avg_response_time": milliseconds, "response_times": {float(milliseconds): requests},
        "total_rps": requests / SECONDS, "total_rpm": requests / SECONDS * 60,
    }
    return {"requests": {"GET_/": times}, "failures": {}, "num_requests": requests, "num_requests_fail": 0,
            "start_time": 1796119200.0, "end_time": 1796119200.0 + SECONDS, "remaining_time": 290000, "memory_limit": 128}

seen = []
for name, results in (
    ("one function", [result(1000, 100)]),
    ("ten functions", [result(1000, 100)] * 10),
    ("twenty functions", [result(1000, 100)] * 20),
    ("nine fast and a slow one", [result(1000, 100)] * 9 + [result(10, 2000)]),
):
    merged = module.results_aggregator(results)
    task = merged["requests"]["GET_/"]
    total = sum(part["num_requests"] for part in results)
    mean = sum(part["num_requests"] * part["requests"]["GET_/"]["avg_response_time"] for part in results) / total
    print(f"{name}: num_requests {merged['num_requests']}, total_rps {task['total_rps']:.1f}, mean {task['avg_response_time']:.0f} ms")
    print(f"  by the requests: {total / SECONDS:.1f} a second, mean {mean:.0f} ms")
    seen.append((round(task["total_rps"], 1), total / SECONDS, round(task["avg_response_time"]), round(mean)))
sys.exit(0 if seen == [(100, 100, 100, 100), (100, 1000, 100, 100), (100, 2000, 100, 100), (90.1, 901, 290, 102)] else 1)
PY
venv/bin/python merge.py
