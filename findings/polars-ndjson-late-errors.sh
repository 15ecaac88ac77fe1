#!/usr/bin/env bash
# polars.read_ndjson leaves out the errors of a log when the first one is behind line 100.
#
# A field that the first 100 lines do not have is dropped from all lines, without a warning. Errors are such
# a field: pino and others write `err` only into lines that have one. Here 40 of 1,000 requests fail, the
# first at line 121: the frame has no column for it, and every request looks like a success. The same lines
# with one error among the first hundred have all of them. The page names `infer_schema_length`, "the maximum
# number of rows to scan for schema inference", and not that the rest is lost; with None all lines are
# scanned. A field that changes its type behind line 100 is an error. DuckDB finds them.
#
# Seen with polars 2.1.0 and DuckDB 1.4.1. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they count the failures of a load test in a service's log.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile polars==2.1.0 duckdb==1.4.1
cat >errors.py <<'PY'
import io, json, sys
import duckdb, polars

def lines(first):
    rows = [{"level": 50 if failed else 30, "url": "/orders", "ms": 12, **({"err": {"code": "ECONNRESET"}} if failed else {})}
            for failed in (number >= first and number % 22 == first % 22 for number in range(1000))]
    return rows

def errors(rows, **options):
    frame = polars.read_ndjson(io.BytesIO("\n".join(map(json.dumps, rows)).encode()), **options)
    return frame.height, frame["err"].is_not_null().sum() if "err" in frame.columns else None

late, early = lines(120), lines(10)
print(f"polars {polars.__version__}, DuckDB {duckdb.__version__}")
with open("late.jsonl", "w") as file:
    file.write("\n".join(map(json.dumps, late)))
count = sum("err" in row for row in late)
other = duckdb.sql("select count(err) from read_json('late.jsonl')").fetchone()[0]
seen = [errors(late), errors(early), errors(late, infer_schema_length=None)]
print(f"first error at line 121: {count} errors; polars (rows, errors) {seen[0]}, with infer_schema_length=None {seen[2]}; DuckDB {other}")
print(f"first error at line 11: {sum('err' in row for row in early)} errors; polars {seen[1]}")
still = seen[0] == (1000, None) and seen[1] == (1000, sum("err" in row for row in early)) and seen[2] == (1000, count)
sys.exit(0 if still and other == count else 1)
PY
venv/bin/python errors.py
