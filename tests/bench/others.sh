#!/usr/bin/env bash
# Chrome traces and speedscope JSON beside what only parses the JSON; pprof
# beside the decoder of npm's pprof-format, which Datadog's agents use.
#
#   tests/bench/others.sh [--quick]
#
# The Chrome trace is of 100 MB, made of a real .cpuprofile; the other two are
# what `spikeflame export` makes of TypeScript's compiler, recorded by
# record-perf.sh, as large as they come.
# --quick   a trace of 10 MB, everything once

source "$(dirname "$0")/common.sh"
arguments "$0" "$@"
source "$here/json.sh"

megabytes=100
[[ ! $quick ]] || megabytes=10
tsc=$(compiler_profile)
seed=("$shared"/cpuprofile/spike-before/*.cpuprofile.zst)
[[ -e ${seed[0]} ]] || seed=("$tsc")
unpack "${seed[0]}" "$work/seed.cpuprofile"
"$node" "$here/enlarge.mjs" chrome "$work/seed.cpuprofile" "$work/trace.json" $((megabytes * 1000000))
bench 'Chrome trace, replicated samples' "$work/trace.json"
rm "$work/trace.json"
"$binary" --quiet export --to speedscope "$tsc" -o "$work/tsc.speedscope.json"
bench 'speedscope, tsc' "$work/tsc.speedscope.json"
rm "$work/tsc.speedscope.json"

decoder=$data/decoder
[[ -d $decoder/node_modules/pprof-format ]] || {
  mkdir -p "$decoder"
  echo '{"private":true}' >"$decoder/package.json"
  npm install --prefix "$decoder" --no-audit --no-fund --loglevel=error pprof-format@2.2.1 >&2
}
pprof_rows=()
pprof() { # NAME FILE
  local fold_cpu fold_wall fold_peak top_cpu top_wall top_peak node_cpu node_wall node_peak
  say "$1: $(mb "$(bytes_of "$2")") MB"
  cost fold "$runs" /dev/null /dev/null "$binary" --quiet fold "$2"
  cost top "$runs" /dev/null /dev/null "$binary" --quiet top "$2"
  cost node "$runs" /dev/null /dev/null "$node" --max-old-space-size=8000 -e '
    const { Profile } = require(process.argv[1]), { gunzipSync } = require("zlib");
    const bytes = require("fs").readFileSync(process.argv[2]);
    Profile.decode(bytes[0] === 0x1f ? gunzipSync(bytes) : bytes);' "$decoder/node_modules/pprof-format" "$2"
  pprof_rows+=("| $1 | $(math 'a / 1e6' %.1f "$(bytes_of "$2")") | $(cell "$fold_cpu" "$fold_wall") | $(cell "$top_cpu" "$top_wall") | $(cell "$node_cpu" "$node_wall") | $(math 'a / b' %.1f "$node_cpu" "$fold_cpu") | $(mb "$fold_peak") / $(mb "$top_peak") / $(mb "$node_peak") |")
}
"$binary" --quiet export --to pprof "$tsc" -o "$work/tsc.pb.gz"
pprof 'tsc, gzip' "$work/tsc.pb.gz"
gzip -dc "$work/tsc.pb.gz" >"$work/tsc.pb" 2>/dev/null || cp "$work/tsc.pb.gz" "$work/tsc.pb"
pprof 'tsc, unpacked' "$work/tsc.pb"

printf '\n### Chrome traces, speedscope\n'
print_table
printf '### pprof\n'
heading
cat <<TABLE
| recording | MB | \`fold\` | \`top\` | pprof-format: \`Profile.decode\` | its CPU ÷ \`fold\` | peak MB: fold / top / pprof-format |
|---|--:|--:|--:|--:|--:|--:|
$(printf '%s\n' "${pprof_rows[@]}")

TABLE
[[ ! $failed ]] || die 'a file and standard input do not give the same output'
