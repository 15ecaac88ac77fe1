#!/usr/bin/env bash
# Miller counts nginx's "-" among the times when it takes a percentile, and not when it takes the mean.
#
# nginx writes `-` for $upstream_response_time when it asked no upstream: an answer from its cache, or a
# client that gave up. `mlr stats1` leaves such text out of `sum` and `mean`. In `count` and the percentiles it
# stays, and counts as longer than any number. Here 60 of 100 requests go to the service and take 10 to 600 ms,
# and 40 come from the cache. The median of the 60 is 310 ms. Miller's is 510 ms, its p99 and `max` are "-",
# and `sum / count` is not its `mean`. Empty values are left out of all of them.
#
# Seen with Miller 6.6.0 (Debian 6.6.0-2+b3). Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they compare the time of a service in nginx's log with their own.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
apt-get download -qq miller=6.6.0-2+b3 2>/dev/null
dpkg -x miller_*.deb root
cat >log.py <<'PY'
# Every fifth request and the one before it come from the cache.
times = iter(range(10, 610, 10))
rows = [None if index % 5 >= 3 else next(times) for index in range(100)]
for name, missing in (("dash", "-"), ("empty", "")):
    with open(f"{name}.csv", "w") as file:
        file.write("status,upstream_response_time\n")
        file.writelines(f"200,{missing if ms is None else f'{ms / 1000:.3f}'}\n" for ms in rows)
PY
python3 log.py
for name in dash empty; do
  root/usr/bin/mlr --icsv --ojson stats1 -a count,sum,mean,p50,p99,max -f upstream_response_time "$name.csv" >"$name.json"
done
root/usr/bin/mlr --version
cat >compare.py <<'PY'
import csv, json, math, statistics, sys
numbers = sorted(float(row["upstream_response_time"]) for row in csv.DictReader(open("dash.csv")) if row["upstream_response_time"] != "-")
print(f"{len(numbers)} numbers: sum {sum(numbers):.2f}, mean {statistics.mean(numbers):.3f}, median {statistics.median_high(numbers)}, longest {numbers[-1]}")
seen = {}
for name in ("dash", "empty"):
    row = json.load(open(f"{name}.json"))[0]
    seen[name] = {key.rsplit("_", 1)[1]: value for key, value in row.items()}
    print(f"Miller, {name}: {seen[name]}")
dash, empty = seen["dash"], seen["empty"]
right = math.isclose(empty["mean"], statistics.mean(numbers)) and empty["count"] == 60 and empty["p50"] == 0.31 and empty["max"] == 0.6
still = math.isclose(dash["mean"], empty["mean"]) and dash["count"] == 100 and dash["p50"] == 0.51 and dash["p99"] == dash["max"] == "-"
sys.exit(0 if right and still else 1)
PY
python3 compare.py
