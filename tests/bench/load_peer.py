"""What reading k6's JSON costs with python3's json: requests and their durations
by second, then the number of requests, seconds, and the p95."""

import json
import sys

seconds = {}
with open(sys.argv[1], "rb") as file:
    for line in file:
        line = json.loads(line)
        if line["type"] != "Point" or line["metric"] != "http_req_duration":
            continue
        data = line["data"]
        ok = data["tags"]["expected_response"] == "true"
        seconds.setdefault(data["time"][:19], []).append((ok, data["value"]))
requests = sum(map(len, seconds.values()))
good = sorted(value for second in seconds.values() for ok, value in second if ok)
print(f"{requests} requests", f"in {len(seconds)} s, p95 {good[int(0.95 * len(good))]:.1f} ms", sep="\n")
