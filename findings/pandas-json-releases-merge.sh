#!/usr/bin/env bash
# pandas.read_json makes one release of "1.1" and "1.10", although both are strings in the file.
#
# A string of JSON has quotes, and a number has none. By default read_json tries to make numbers of strings
# all the same: when every value of a column looks like one, "1.1" and "1.10" both become 1.1, and "17" and
# "0017" become 17. `groupby('release')` then has the two releases in one row. Here release 1.1 answers
# in 10 ms and release 1.10 in 90 ms, and pandas has one release with a median of 50 ms. It depends on the other rows:
# with one release named "1.11-rc" in the file, all stay apart. The page of read_json has "if True, infer
# dtypes" for its argument `dtype`; with `dtype=False` the strings stay strings.
#
# Seen with pandas 3.1.1. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they compare the latencies of releases in a service's log of JSON lines.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile pandas==3.1.1
cat >releases.py <<'PY'
import io, json, statistics, sys
import pandas

def lines(*extra):
    rows = [{"release": release, "request": f"{index:04}", "ms": ms}
            for release, ms in (("1.1", 10), ("1.10", 90)) for index in range(50)]
    return "\n".join(json.dumps(row) for row in [*rows, *extra])

def medians(**options):
    frame = pandas.read_json(io.StringIO(options.pop("text", lines())), lines=True, **options)
    return {str(release): float(ms) for release, ms in frame.groupby("release").ms.median().items()}

rc = {"release": "1.11-rc", "request": "0000", "ms": 20}
merged, apart, typed = medians(), medians(text=lines(rc)), medians(dtype=False)
rows = [json.loads(line) for line in lines().splitlines()]
true = {release: statistics.median(row["ms"] for row in rows if row["release"] == release) for release in ("1.1", "1.10")}
print(f"the file: {true}")
print(f"pandas {pandas.__version__}: {merged}; with a release 1.11-rc {apart}; with dtype=False {typed}")
sys.exit(0 if merged == {"1.1": 50.0} and apart == {**true, "1.11-rc": 20.0} and typed == true else 1)
PY
venv/bin/python releases.py
