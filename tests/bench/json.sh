# shellcheck shell=bash
# cpuprofile.sh and others.sh share this: they measure a JSON recording beside
# what only parses it.

# The .cpuprofile that record-perf.sh leaves, recorded when it is not there.
compiler_profile() {
  local dir=$data/perf${quick:+-quick}
  if [[ ! -e $dir/tsc.cpuprofile ]]; then
    say "recording into $dir"
    NODE=$node "$here/record-perf.sh" "$dir" ${quick:+--quick} >&2
  fi
  echo "$dir/tsc.cpuprofile"
}

bench() { # NAME FILE
  local name=$1 file=$2 same=yes fold_cpu fold_wall fold_peak in_cpu in_wall in_peak
  local top_cpu top_wall top_peak node_cpu node_wall node_peak python_cpu python_wall python_peak
  say "$name: $(mb "$(bytes_of "$file")") MB"
  cost fold "$runs" /dev/null "$work/fold" "$binary" --quiet fold "$file"
  cost in "$runs" "$file" "$work/stdin" "$binary" --quiet fold -
  cost top "$runs" /dev/null /dev/null "$binary" --quiet top "$file"
  cost node "$runs" /dev/null /dev/null "$node" --max-old-space-size=8000 -e \
    'JSON.parse(require("fs").readFileSync(process.argv[1]))' "$file"
  cost python "$runs" /dev/null /dev/null python3 -c 'import json, sys; json.load(open(sys.argv[1], "rb"))' "$file"
  cmp "$work/fold" "$work/stdin" >&2 || same=NO failed=1
  rows+=("| $name | $(mb "$(bytes_of "$file")") | $(cell "$fold_cpu" "$fold_wall") | $(cell "$in_cpu" "$in_wall") | $(cell "$top_cpu" "$top_wall") | $(cell "$node_cpu" "$node_wall") | $(cell "$python_cpu" "$python_wall") | $(math 'a / b' %.1f "$node_cpu" "$fold_cpu") / $(math 'a / b' %.1f "$python_cpu" "$fold_cpu") | $(mb "$fold_peak") / $(mb "$in_peak") / $(mb "$top_peak") / $(mb "$node_peak") / $(mb "$python_peak") | $same |")
}

print_table() {
  heading '' ", $(python3 --version)"
  cat <<TABLE
| recording | MB | \`fold\` | \`fold -\` | \`top\` | node: \`JSON.parse\` | python3: \`json.load\` | their CPU ÷ \`fold\`: node / python3 | peak MB: fold / stdin / top / node / python3 | same output |
|---|--:|--:|--:|--:|--:|--:|--:|--:|---|
$(printf '%s\n' "${rows[@]}")

TABLE
}
