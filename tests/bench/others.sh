#!/usr/bin/env bash
# Chrome traces, speedscope, Firefox Profiler JSON and trace events beside what
# only parses the JSON; pprof beside the decoder of npm's pprof-format, which
# Datadog's agents use.
#
#   tests/bench/others.sh [--quick]
#
# All are made of a real .cpuprofile (../shared/data's server where it is at
# hand, else TypeScript's compiler), its samples replicated: the Chrome trace by
# enlarge.mjs, 100 MB, the others by `spikeflame export`, some 80 MB each. What
# comes back from those must be what went in.
# --quick           a tenth of that, everything once

source "$(dirname "$0")/common.sh"
arguments "$0" "$@"
source "$here/json.sh"

megabytes=100 source_bytes=15000000
[[ ! $quick ]] || megabytes=10 source_bytes=2500000
seed=("$shared"/cpuprofile/spike-before/*.cpuprofile.zst)
[[ -e ${seed[0]} ]] || seed=("$(compiler_profile)")
unpack "${seed[0]}" "$work/seed.cpuprofile"
"$node" "$here/enlarge.mjs" chrome "$work/seed.cpuprofile" "$work/trace.json" $((megabytes * 1000000))
bench 'Chrome trace' "$work/trace.json"
rm "$work/trace.json"

"$node" "$here/enlarge.mjs" cpuprofile "$work/seed.cpuprofile" "$work/source.cpuprofile" "$source_bytes"
"$binary" --quiet fold "$work/source.cpuprofile" >"$work/source"
"$binary" --quiet export --to speedscope "$work/source.cpuprofile" -o "$work/source.speedscope.json" >/dev/null
bench speedscope "$work/source.speedscope.json"
cmp "$work/source" "$work/fold" >&2 || failed=1
rm "$work/source.speedscope.json"
"$binary" --quiet export --to firefox "$work/source.cpuprofile" -o "$work/source.firefox.json" >/dev/null
bench 'Firefox Profiler' "$work/source.firefox.json"
cmp "$work/source" "$work/fold" >&2 || failed=1
rm "$work/source.firefox.json"
# Trace events: one for each sample, with the name of its function.
"$node" - "$work/source.cpuprofile" "$work/events.json" <<'JS'
const [from, to] = process.argv.slice(2), fs = require('fs');
const { nodes, samples, timeDeltas } = JSON.parse(fs.readFileSync(from, 'utf8'));
const names = new Map(nodes.map((node) => [node.id, JSON.stringify(node.callFrame.functionName)]));
const out = fs.openSync(to, 'w');
let ts = 0, part = '{"traceEvents":[\n';
samples.forEach((id, at) => {
  const dur = Math.max(1, timeDeltas[at]);
  part += `${at ? ',\n' : ''}{"ph":"X","cat":"js","name":${names.get(id)},"pid":1,"tid":1,"ts":${ts},"dur":${dur}}`;
  ts += dur;
  if (part.length > 1 << 20) part = (fs.writeSync(out, part), '');
});
fs.writeSync(out, `${part}\n]}\n`);
JS
bench 'trace events' "$work/events.json"
rm "$work/events.json"

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
  cost fold "$runs" /dev/null "$work/fold" "$binary" --quiet fold "$2"
  cmp "$work/source" "$work/fold" >&2 || failed=1
  cost top "$runs" /dev/null /dev/null "$binary" --quiet top "$2"
  cost node "$runs" /dev/null /dev/null "$node" --max-old-space-size=8000 -e '
    const { Profile } = require(process.argv[1]), { gunzipSync } = require("zlib");
    const bytes = require("fs").readFileSync(process.argv[2]);
    Profile.decode(bytes[0] === 0x1f ? gunzipSync(bytes) : bytes);' "$decoder/node_modules/pprof-format" "$2"
  pprof_rows+=("| $1 | $(math 'a / 1e6' %.1f "$(bytes_of "$2")") | $(cell "$fold_cpu" "$fold_wall") | $(cell "$top_cpu" "$top_wall") | $(cell "$node_cpu" "$node_wall") | $(math 'a / b' %.1f "$node_cpu" "$fold_cpu") | $(mb "$fold_peak") / $(mb "$top_peak") / $(mb "$node_peak") |")
}
"$binary" --quiet export --to pprof "$work/source.cpuprofile" -o "$work/source.pb.gz" >/dev/null
pprof 'gzip' "$work/source.pb.gz"
gzip -dc "$work/source.pb.gz" >"$work/source.pb"
pprof 'unpacked' "$work/source.pb"

printf '\n### Chrome traces, speedscope, Firefox Profiler, trace events\n'
print_table
printf '### pprof\n'
heading
cat <<TABLE
| recording | MB | \`fold\` | \`top\` | pprof-format: \`Profile.decode\` | its CPU ÷ \`fold\` | peak MB: fold / top / pprof-format |
|---|--:|--:|--:|--:|--:|--:|
$(printf '%s\n' "${pprof_rows[@]}")

TABLE
[[ ! $failed ]] || die 'not the same output from a file, from standard input, or from what was exported'
