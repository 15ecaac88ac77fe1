#!/usr/bin/env bash
# `chromium --trace-startup --trace-startup-file=trace.json` does not write JSON. The file has
# the binary form of Perfetto (protobuf), whatever its name ends in, so that programs that read
# traces as JSON (DevTools' importer, speedscope, scripts with `JSON.parse`) refuse it.
# `--trace-startup-format=json` writes the same trace as JSON.
#
# Seen with Chromium 156.0.8078.108 of Debian 12. Users meet it when they record the start of a
# page without DevTools, as in a container. Needs Debian's package `chromium`.
set -euo pipefail
chromium=$(command -v chromium) || { echo 'no chromium: apt-get install chromium' >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '<script>const end = Date.now() + 300; while (Date.now() < end);</script>' >page.html
"$chromium" --version 2>/dev/null
record() { # FILE FLAGS...
  local file=$1
  shift
  "$chromium" --headless --no-sandbox --disable-gpu --user-data-dir="$work/profile" \
    --trace-startup=disabled-by-default-v8.cpu_profiler,v8 --trace-startup-duration=3 \
    --trace-startup-file="$work/$file" --virtual-time-budget=1500 "$@" \
    "file://$work/page.html" >/dev/null 2>&1 || true
}
record plain.json
record asked.json --trace-startup-format=json
for file in plain.json asked.json; do
  [[ -s $file ]] || { echo "no trace in $file" >&2; exit 2; }
  printf '%s begins with: ' "$file"
  head -c 16 "$file" | od -An -c
done
if [[ $(head -c 1 plain.json) == '{' || $(head -c 1 asked.json) != '{' ]]; then
  echo 'not seen any more' >&2
  exit 1
fi
echo 'SEEN: a trace called .json is not JSON unless --trace-startup-format=json is given'
