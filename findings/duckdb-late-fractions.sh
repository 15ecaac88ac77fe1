#!/usr/bin/env bash
# DuckDB rounds durations to whole numbers when the first fraction is behind line 20,480 of a file.
#
# read_json and read_csv look at 20,480 rows to choose the type of a column. Where these are whole, the column is
# BIGINT, and each later fraction is rounded: 0.4 ms is 0, and 1.5 ms is 2. No warning is printed, and
# `ignore_errors` is off. A log whose writer prints 12 for 12 ms and 0.4 for 0.4 ms, as JSON.stringify does, is
# such a file when the fast answers come later. Here 30,000 requests of a cold cache take 8 ms, and 30,000 of the
# warm one 0.4 ms: the mean of the warm ones is 0, and the file's is 4.0 in place of 4.2. With the fraction in
# the first row all are right. The page names `sample_size`, and with -1 every row is looked at. polars and
# pandas raise an error, or read the fractions.
#
# Seen with DuckDB 1.4.1. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they query the durations of a long test with DuckDB.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile duckdb==1.4.1
cat >fractions.py <<'PY'
import json, sys
import duckdb

cold = [("cold", 8)] * 30000
warm = [("warm", 0.4)] * 30000

def write(name, rows):
    with open(f"{name}.jsonl", "w") as file:
        file.writelines(json.dumps({"cache": cache, "ms": ms}) + "\n" for cache, ms in rows)
    with open(f"{name}.csv", "w") as file:
        file.write("cache,ms\n")
        file.writelines(f"{cache},{ms}\n" for cache, ms in rows)

def read(source):
    kind, whole, part = duckdb.sql(f"select any_value(typeof(ms)), avg(ms), avg(ms) filter (cache = 'warm') from {source}").fetchone()
    return kind, round(whole, 3), round(part, 3)

write("late", cold + warm)
write("early", warm[:1] + cold + warm[1:])
print(f"DuckDB {duckdb.__version__}: type of the column, mean of all, mean of the warm ones")
seen = {}
for source in ("read_json('late.jsonl')", "read_csv('late.csv')", "read_json('early.jsonl')", "read_csv('early.csv')",
               "read_json('late.jsonl', sample_size=-1)", "read_csv('late.csv', sample_size=-1)"):
    seen[source] = read(source)
    print(f"{source}: {seen[source]}")
results = list(seen.values())
sys.exit(0 if results[:2] == [("BIGINT", 4.0, 0.0)] * 2 and results[2:] == [("DOUBLE", 4.2, 0.4)] * 4 else 1)
PY
venv/bin/python fractions.py
