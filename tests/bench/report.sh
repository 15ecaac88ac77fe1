#!/usr/bin/env bash
# report: the page's size, the CPU that writing it takes, the time to its first
# picture and to the answer of a drag, in headless Chromium; beside speedscope.
#
#   tests/bench/report.sh [--quick]
#
# --quick    without the page of a million ticks, and without speedscope

source "$(dirname "$0")/common.sh"
arguments "$0" "$@"
needs npm

(cd "$root/web" && [[ -d node_modules ]] || npm ci --no-audit --no-fund --loglevel=error)
export SPIKEFLAME=$binary
spike=$root/samples/spike/before-1

page() { # NAME INPUT
  local cpu wall peak
  read -r cpu wall peak <<<"$(measure "$runs" /dev/null /dev/null "$binary" report -q "$2" -o "$work/$1.html")"
  printf '%s\t%s\n' "$1" "$cpu" >>"$work/written"
}

say 'a spike of 47,669 ticks'
page spike "$spike"
pages=("$work/spike.html")
if [[ ! $quick ]]; then
  say 'a million ticks'
  "$binary" export -q "$spike" --to cpuprofile -o "$work/spike.cpuprofile"
  "$node" "$here/replicate_samples.mjs" "$work/spike.cpuprofile" "$work/million.cpuprofile" 1000000
  page million "$work/million.cpuprofile"
  pages+=("$work/million.html")
fi

printf '\n### The page\n\n'
printf '%s, %s cores, load average %s; %s, Chromium without a GPU.\n\n' "$(uname -sm)" \
  "$(getconf _NPROCESSORS_ONLN)" "$(cut -d' ' -f1 /proc/loadavg)" "$("$binary" --version)"
"$node" "$here/report.mjs" "$work/written" "${pages[@]}"

[[ ! $quick ]] || exit 0
say "speedscope, on what $node --prof-process --preprocess writes of the spike"
npm install --prefix "$work/peer" --no-audit --no-fund --loglevel=error speedscope@1.25.0 >/dev/null
unpack "$spike/isolate-v8.log.zst" "$work/v8.log"
"$node" --prof-process --preprocess "$work/v8.log" >"$work/spike.json" 2>/dev/null
times=()
for _ in 1 2 3; do
  times+=("$("$node" "$here/speedscope.mjs" "$work/peer/node_modules/speedscope/dist/release" "$work/spike.json")")
done
median=$(printf '%s\n' "${times[@]}" | sort -n | sed -n 2p)
printf '\nspeedscope 1.25.0 shows its first picture of the same spike (%s bytes of JSON) after %s ms.\n' \
  "$(stat -c %s "$work/spike.json")" "$median"
