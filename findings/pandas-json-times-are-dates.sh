#!/usr/bin/env bash
# pandas.read_json takes durations in nanoseconds for dates when the column's name ends in `_time`.
#
# read_json reads a column as dates when its name ends in `_at` or `_time`, or begins with `timestamp`,
# "modified" or "date". `response_time`, `request_time` and `upstream_response_time` are such names. The
# numbers must only be above 31,536,000, a year in seconds: durations in nanoseconds, as
# process.hrtime.bigint() gives them, are above it from 31.5 ms on. Then 45 ms is a day of June 1971, and the
# mean of a route is a date. One faster request in the file, and the same column stays numbers: the type changes
# with the load. The rule is in the page of read_json; with `dtype=False` the column is right.
#
# Seen with pandas 3.1.1. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they read the log of a Node service that is slow enough.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile pandas==3.1.1
cat >durations.py <<'PY'
import io, json, sys
import pandas

def read(durations, **options):
    text = "\n".join(json.dumps({"response_time": ms * 1_000_000, "elapsed": ms * 1_000_000}) for ms in durations)
    return pandas.read_json(io.StringIO(text), lines=True, **options)

slow, mixed = [45, 52, 61, 300], [45, 52, 61, 20]
print(f"pandas {pandas.__version__}")
seen = []
for title, frame in (("all above 31.5 ms", read(slow)), ("one of 20 ms", read(mixed)), ("dtype=False", read(slow, dtype=False))):
    kinds = {name: frame[name].dtype.kind for name in frame}
    seen.append(kinds)
    print(f"{title}: response_time is {frame.response_time.dtype}, mean {frame.response_time.mean()}; elapsed is {frame.elapsed.dtype}, mean {frame.elapsed.mean()}")
numbers = {"response_time": "i", "elapsed": "i"}
sys.exit(0 if seen == [{"response_time": "M", "elapsed": "i"}, numbers, numbers] else 1)
PY
venv/bin/python durations.py
