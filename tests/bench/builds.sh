#!/usr/bin/env bash
# Two builds of Spikeflame side by side: CPU and wall seconds for each kind of work, and
# whether the outputs are equal.
#
#   SPIKEFLAME_OLD=FILE tests/bench/builds.sh [--quick]
#
# SPIKEFLAME_OLD   the other build: `cargo build --release` of an earlier commit
# --quick          small inputs, everything once
#
# The inputs are recordings of samples/, replicated. Peers are in the scripts of each
# format.

source "$(dirname "$0")/common.sh"
arguments "$0" "$@"
needs gzip
old=${SPIKEFLAME_OLD-}
[[ -x $old ]] || die 'name the other build: SPIKEFLAME_OLD=FILE'
millions=100 small_files=8000
[[ ! $quick ]] || millions=10 small_files=1000

samples=$root/samples
# Measures one piece of work with both builds. `AIM` is the factor of CPU that was aimed at,
# or `-`. OUT in a command is the file that it writes.
both() { # NAME AIM COMMAND...
  local name=$1 aim=$2 same=yes old_cpu old_wall old_peak new_cpu new_wall new_peak factor side
  shift 2
  say "$name"
  local out=("${@/#OUT/$work/OUT}")
  cost old "$runs" /dev/null "$work/old.out" "$old" --quiet "${out[@]}"
  for side in "$work"/OUT*; do [[ ! -e $side ]] || mv "$side" "$work/old.out"; done
  cost new "$runs" /dev/null "$work/new.out" "$binary" --quiet "${out[@]}"
  for side in "$work"/OUT*; do [[ ! -e $side ]] || mv "$side" "$work/new.out"; done
  cmp -s "$work/old.out" "$work/new.out" || same=no
  factor=$(math 'a / b' %.1f "$old_cpu" "$new_cpu")
  rows+=("| $name | $(cell "$old_cpu" "$old_wall" %.3f) | $(cell "$new_cpu" "$new_wall" %.3f) | $factor / $(math 'a / b' %.1f "$old_wall" "$new_wall") | $aim | $(mb "$old_peak") / $(mb "$new_peak") | $same |")
  [[ $aim == - || $(math 'a >= b' %d "$factor" "$aim") == 1 ]] ||
    notes+=("$name: $factor times less CPU, not $aim")
}

both 'start: `--version`' - --version

unpack "$samples/json/mix-node22.cpuprofile.zst" "$work/seed.cpuprofile"
"$node" "$here/enlarge.mjs" cpuprofile "$work/seed.cpuprofile" "$work/in.cpuprofile" $((millions * 1000000))
both ".cpuprofile, $millions MB" 3 fold "$work/in.cpuprofile"
rm "$work/in.cpuprofile"
"$node" "$here/enlarge.mjs" chrome "$work/seed.cpuprofile" "$work/in.json" $((millions * 1000000))
both "Chrome trace, $millions MB" 3 fold "$work/in.json"
rm "$work/in.json"

"$node" "$here/enlarge.mjs" cpuprofile "$work/seed.cpuprofile" "$work/source.cpuprofile" $((millions * 150000))
"$binary" --quiet export --to speedscope "$work/source.cpuprofile" -o "$work/in.speedscope.json" >/dev/null
both "speedscope, $(mb "$(bytes_of "$work/in.speedscope.json")") MB" 3 fold "$work/in.speedscope.json"
rm "$work/in.speedscope.json"
"$binary" --quiet export --to pprof "$work/source.cpuprofile" -o "$work/in.pb.gz" >/dev/null
gzip -dc "$work/in.pb.gz" >"$work/in.pb"
rm "$work/source.cpuprofile"
both "pprof, $(mb "$(bytes_of "$work/in.pb")") MB, unpacked" 2.5 fold "$work/in.pb"
both 'the same, gzip' 2.5 fold "$work/in.pb.gz"
rm "$work"/in.pb*

unpack "$samples/perf/packed.perf-script.txt.zst" "$work/seed.txt"
python3 "$here/repeat_text.py" perf "$work/seed.txt" "$work/in.txt" $((3 * millions * 1000000))
both "perf text, $((3 * millions)) MB, 1 thread" - --threads 1 fold --raw-names "$work/in.txt"
both "perf text, $((3 * millions)) MB" - fold --raw-names "$work/in.txt"
rm "$work/in.txt"
recorded=$data/perf${quick:+-quick}/perf.data
[[ ! -e $recorded ]] || both "perf.data, $(mb "$(bytes_of "$recorded")") MB" - fold "$recorded"

mkdir "$work/spike"
unpack "$samples/spike/before-1/isolate-v8.log.zst" "$work/spike/isolate-v8.log"
both "\`flame\` of a tick log, $(mb "$(bytes_of "$work/spike/isolate-v8.log")") MB" 2 flame "$work/spike" -o OUT.svg
both 'the same, `top`' 2 top "$work/spike"
both 'the same, `fold`' 2 fold "$work/spike"

spikes=$shared/spike
[[ -d $spikes ]] || spikes=$samples/spike
before=("$spikes"/before-*) after=("$spikes"/after-*)
both "\`diff\` of $((${#before[@]} + ${#after[@]})) runs" 2.5 diff --before "${before[@]}" --after "${after[@]}"

for count in $((small_files / 2)) "$small_files"; do
  mkdir "$work/many"
  for ((file = 0; file < count; file++)); do echo "note $file" >"$work/many/note-$file.txt"; done
  cp "$samples/v8/mix-node22.log.zst" "$work/many/isolate.log.zst"
  both "folder of $count small files" - top "$work/many"
  rm -r "$work/many"
done

printf '\n### Two builds\n'
heading "; old: $("$old" --version)"
cat <<TABLE
| work | old | new | old ÷ new: CPU / wall | aim | peak MB: old / new | same output |
|---|--:|--:|--:|--:|--:|---|
$(printf '%s\n' "${rows[@]}")

TABLE
aims 'the factor of CPU in the column'
