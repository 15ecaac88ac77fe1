#!/usr/bin/env bash
# CPU and peak memory for recordings of 1, 10, 100 and 1,000 MB of each format: both must
# not grow faster than the input.
#
#   tests/bench/scaling.sh [--quick] [FORMAT...]
#
# FORMAT...  of v8, perf-text, cpuprofile, chrome-trace, speedscope, pprof, folded, k6,
#            app-log (default: all)
# --quick    1 and 10 MB only
#
# The inputs are recordings of samples/, replicated; each is deleted after its
# measurement. TMPDIR needs room for 4 GB. A profile of pprof may have 512 MiB at most, so
# that its last size is 500 MB. `perf.data` is not here, because a recording cannot be made
# longer by repeating parts of it; docs/benchmarks.md has one of 31 MB.

source "$(dirname "$0")/common.sh"
arguments "$0" "$@"
needs gzip
sizes=(1 10 100 1000)
[[ ! $quick ]] || sizes=(1 10)
[[ ${#given[@]} -gt 0 ]] ||
  given=(v8 perf-text cpuprofile chrome-trace speedscope pprof folded k6 app-log)

samples=$root/samples
unpack "$samples/v8/mix-node22.log.zst" "$work/seed.log"
unpack "$samples/json/mix-node22.cpuprofile.zst" "$work/seed.cpuprofile"
unpack "$samples/perf/packed.perf-script.txt.zst" "$work/seed.perf.txt"
unpack "$samples/load/k6.json.gz" "$work/seed.k6.json"

# Makes a recording and sets `input` and `command`.
make() { # FORMAT BYTES
  local bytes=$2
  command=(fold)
  case $1 in
    v8)
      input=$work/in.log
      "$node" "$here/replicate.mjs" "$work/seed.log" "$input" "$bytes" ;;
    perf-text)
      input=$work/in.perf.txt
      python3 "$here/repeat_text.py" perf "$work/seed.perf.txt" "$input" "$bytes" ;;
    cpuprofile)
      input=$work/in.cpuprofile
      "$node" "$here/enlarge.mjs" cpuprofile "$work/seed.cpuprofile" "$input" "$bytes" ;;
    chrome-trace)
      input=$work/in.trace.json
      "$node" "$here/enlarge.mjs" chrome "$work/seed.cpuprofile" "$input" "$bytes" ;;
    speedscope) exported speedscope "$work/in.speedscope.json" "$bytes" ;;
    pprof) exported pprof "$work/in.pb.gz" $((bytes > 500000000 ? 500000000 : bytes)) ;;
    folded)
      input=$work/in.folded
      [[ -e $work/seed.folded ]] || "$binary" --quiet fold "$samples/v8/mix-node22.log.zst" >"$work/seed.folded"
      # A line is a stack: the large ones have them more than once.
      python3 "$here/repeat_text.py" lines "$work/seed.folded" "$input" "$bytes" ;;
    k6)
      command=(plateau)
      input=$work/in.k6.json
      python3 "$here/replicate_load.py" "$work/seed.k6.json" "$input" "$bytes" ;;
    app-log)
      command=(errors)
      input=$work/in.app.log
      python3 "$here/repeat_text.py" lines "$samples/errors/nest-7.log" "$input" "$bytes" ;;
    *) die "no format $1" ;;
  esac
}

# Exports a .cpuprofile so that about BYTES (unpacked) come out: twice, because the ratio of
# the sizes depends on the format.
exported() { # FORMAT TO BYTES
  local format=$1 to=$2 bytes=$3 source=$work/in.source.cpuprofile probe=200000 out
  export_of "$probe"
  export_of $((probe * bytes / $(unpacked "$to")))
  input=$to
}
export_of() { # BYTES, and the names of `exported`
  "$node" "$here/enlarge.mjs" cpuprofile "$work/seed.cpuprofile" "$source" "$1"
  "$binary" --quiet export --to "$format" "$source" -o "$to" >/dev/null
  rm "$source"
}
unpacked() { # FILE
  case $1 in *.gz) gzip -dc "$1" | wc -c ;; *) bytes_of "$1" ;; esac
}

for format in "${given[@]}"; do
  row="| $format |" last='' last_bytes='' last_size='' runs=3
  for size in "${sizes[@]}"; do
    ((size < 100)) || runs=1
    make "$format" $((size * 1000000))
    bytes=$(unpacked "$input")
    say "$format: $(mb "$bytes") MB"
    cost one "$runs" /dev/null /dev/null "$binary" --quiet "${command[@]}" "$input"
    rm "$input"
    row+=" $(math a %.1f "$(math 'a / 1e6' %.2f "$bytes")") MB: $(math a %.3f "$one_cpu") s, $(mb "$one_peak") MB |"
    # Starting takes some milliseconds: below 10 ms nothing can be compared.
    if [[ $last && $(math 'a >= 0.01' %d "$last") == 1 ]]; then
      steeper=$(math 'a / b' %.2f "$(math 'a / b' %.6f "$one_cpu" "$last")" "$(math 'a / b' %.6f "$bytes" "$last_bytes")")
      [[ $(math 'a <= 1.3' %d "$steeper") == 1 ]] ||
        notes+=("$format: from $last_size to $size MB the CPU grows $steeper times as much as the input")
    fi
    last=$one_cpu last_bytes=$bytes last_size=$size
  done
  rows+=("$row")
done

printf '\n### Size\n'
runs=3
heading '; once from 100 MB'
{ printf '| format |'; printf ' %s MB |' "${sizes[@]}"; echo; }
{ printf '|---|'; printf -- '--:|%.0s' "${sizes[@]}"; echo; }
printf '%s\n' "${rows[@]}" ''
aims 'CPU grows with the input, and no faster'
