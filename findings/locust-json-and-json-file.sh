#!/usr/bin/env bash
# Locust's `--json-file` writes an empty list when `--json` is given too.
#
# Locust makes the JSON with a function that clears each entry after it was written. With both
# options the text on standard output has all requests, and the file, written next, has none:
# `[]`, the result of a test without requests.
#
# Seen with Locust 2.47.0 on Python 3.11. Exit code 0: still so. 1: the behaviour changed.
# Users meet it in CI jobs that print the result and keep the file.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet locust==2.47.0
cat >locustfile.py <<'PY'
from locust import User, constant, task

class Visitor(User):
    wait_time = constant(0.05)

    @task
    def page(self):
        self.environment.events.request.fire(request_type="GET", name="/page", response_time=20,
                                             response_length=1, exception=None, context={})
PY
run() { # NAME OPTION...
  local name=$1
  shift
  venv/bin/locust --headless -u 2 -r 2 -t 6s --host http://x "$@" >"$name.out" 2>"$name.err"
}
run file --json-file alone
run both --json --json-file beside
run print --json
python3 - <<'PY'
import glob, json, sys

def requests(path):
    text = open(path).read()
    # A table may follow behind the list.
    found, _ = json.JSONDecoder().raw_decode(text)
    return sum(entry["num_requests"] for entry in found)

alone, beside = (glob.glob(name + "*")[0] for name in ("alone", "beside"))
counts = {"--json-file": requests(alone), "--json --json-file, printed": requests("both.out"),
          "--json --json-file, file": requests(beside), "--json": requests("print.out")}
print("Locust 2.47.0, requests:", counts)
file, printed, empty, only = counts.values()
sys.exit(0 if min(file, printed, only) > 0 and empty == 0 else 1)
PY
