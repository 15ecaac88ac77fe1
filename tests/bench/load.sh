#!/usr/bin/env bash
# load: k6's JSON to a timeline, beside `jq` and python3's json doing the same
# work: the requests and durations of each second.
#
#   tests/bench/load.sh [--quick] [FILE...]
#
# FILE...    k6 JSON, .gz or not (default: shop of ../shared/data, or the sample)
# --quick    20 MB and 50 MB in place of 50 MB and 400 MB, everything once

source "$(dirname "$0")/common.sh"
arguments "$0" "$@"
needs jq
[[ $quick ]] || runs=5

(cd "$root" && cargo build --release --quiet -p spikeflame-load --example read_load)
reader=${CARGO_TARGET_DIR:-$root/target}/release/examples/read_load

if [[ ${#given[@]} -eq 0 ]]; then
  given=("$shared/shop/k6.json.gz")
  [[ -e ${given[0]} ]] || given=("$root/samples/load/k6.json.gz")
fi

peaks=()
bench() { # NAME FILE
  local name=$1 file=$2 same=yes ours_cpu ours_wall ours_peak jq_cpu jq_wall jq_peak
  local python_cpu python_wall python_peak
  say "$name: $(mb "$(bytes_of "$file")") MB"
  cost ours "$runs" /dev/null "$work/ours" "$reader" "$file"
  # The others take long: once is enough.
  cost jq 1 /dev/null "$work/jq" jq -nr 'reduce (inputs | select(.type == "Point" and .metric == "http_req_duration"))
    as {$data} ({}; ($data.time[0:19]) as $second | .[$second].count += 1 | .[$second].sum += $data.value)
    | "\(map(.count) | add) requests"' "$file"
  cost python 1 /dev/null "$work/python" python3 "$here/load_peer.py" "$file"
  local counted
  counted=$(grep -o '^[0-9]* requests' "$work/ours")
  [[ $counted == "$(head -1 "$work/jq")" && $counted == "$(head -1 "$work/python")" ]] || same=NO failed=1
  rows+=("| $name | $(mb "$(bytes_of "$file")") | $counted | $(cell "$ours_cpu" "$ours_wall") | $(cell "$jq_cpu" "$jq_wall") | $(cell "$python_cpu" "$python_wall") | $(math 'a / 1e6 / b' %.0f "$(bytes_of "$file")" "$ours_cpu") | $(math 'a / b' %.0f "$jq_cpu" "$ours_cpu") / $(math 'a / b' %.0f "$python_cpu" "$ours_cpu") | $(math 'a / 1e6' %.1f "$ours_peak") / $(mb "$jq_peak") / $(mb "$python_peak") | $same |")
  peaks+=("$ours_peak")
  if [[ $(math 'a / 1e6 < 300 * b' %d "$(bytes_of "$file")" "$ours_cpu") -eq 1 ]]; then
    notes+=("$name: less than 300 MB a second of CPU")
  fi
}

sizes=(50 400)
[[ ! $quick ]] || sizes=(20 50)
for file in "${given[@]}"; do
  unpack "$file" "$work/real.json"
  peaks=()
  for size in "${sizes[@]}"; do
    python3 "$here/replicate_load.py" "$work/real.json" "$work/load.json" "$((size * 1000000))"
    bench "$(basename "$(dirname "$file")"), $size MB" "$work/load.json"
  done
  if [[ $(math 'b > a + 8e6' %d "${peaks[0]}" "${peaks[1]}") -eq 1 ]]; then
    notes+=("$file: memory grows with the file")
  fi
done

printf '\n### Load timelines: k6 JSON\n'
heading '; jq and python3 once' ", $(jq --version), $(python3 --version)"
cat <<TABLE
| test | MB | what all three count | Spikeflame | \`jq\` | python3: \`json.loads\` a line | Spikeflame, MB a CPU second | their CPU ÷ ours: jq / python3 | peak MB: ours / jq / python3 | same number |
|---|--:|--:|--:|--:|--:|--:|--:|--:|---|
$(printf '%s\n' "${rows[@]}")

TABLE
aims '300 MB a second of CPU; memory that does not grow with the file'
[[ ! $failed ]] || die 'the counts differ'
