#!/usr/bin/env bash
# `spikeflame merge` beside `go tool pprof -proto`, which adds up pprof files too.
#
#   tests/bench/merge.sh [--quick]
#
# The inputs are the spikes in samples/, two of them in each file, without a random quarter
# of their stacks: 12 different files of some 1 MB (0.2 MB compressed), copied until there
# are 1,000 (--quick: 100). Needs go (Debian: golang-go), whose pprof is Google's.

source "$(dirname "$0")/common.sh"
arguments "$0" "$@"
needs go awk gzip

hosts=1000
[[ ! $quick ]] || hosts=100
spikes=(before-1 before-2 after-1 after-2)
for spike in "${spikes[@]}"; do
  "$binary" --quiet fold "$root/samples/spike/$spike" >"$work/$spike.folded"
done
seeds=0
for first in 0 1 2; do
  for ((second = first + 1; second < 4; second++)); do
    for part in 1 2; do
      cat "$work/${spikes[first]}.folded" "$work/${spikes[second]}.folded" |
        awk -v seed="$((seeds * 2 + part))" 'BEGIN { srand(seed) } rand() < 0.75' >"$work/seed.folded"
      "$binary" --quiet export "$work/seed.folded" -o "$work/seed-$((seeds++)).pb.gz" >/dev/null
    done
  done
done
bytes=0
for ((seed = 0; seed < seeds; seed++)); do
  bytes=$((bytes + $(gzip -dc "$work/seed-$seed.pb.gz" | wc -c)))
done
mkdir "$work/hosts"
for ((host = 0; host < hosts; host++)); do
  cp "$work/seed-$((host % seeds)).pb.gz" "$work/hosts/$host.pb.gz"
done

inputs=("$work"/hosts/*.pb.gz)
export PPROF_TMPDIR=$work
cost few 1 /dev/null /dev/null "$binary" --quiet merge "${inputs[@]:0:20}" -o "$work/few.pb.gz"
cost ours "$runs" /dev/null "$work/words" "$binary" --quiet merge "${inputs[@]}" -o "$work/ours.pb.gz"
cost peer 1 /dev/null /dev/null go tool pprof -proto -output="$work/peer.pb.gz" "${inputs[@]}"
# Both files must hold the same sum. Stacks are not compared: pprof of Go 1.19 drops columns.
for side in ours peer; do
  "$binary" --quiet fold "$work/$side.pb.gz" | awk '{ sum += $NF } END { printf "%.0f\n", sum }' >"$work/$side.sum"
done
cmp "$work/ours.sum" "$work/peer.sum" >&2 || failed=1

heading '' "; $(go version | cut -d' ' -f3)"
echo "$hosts inputs of $(math 'a / 1e6' %.2f $((bytes / seeds))) MB; $(tail -n 1 "$work/words")"
echo
echo '| | CPU / wall, s | peak, MB |'
echo '|---|---|---|'
echo "| spikeflame merge, 20 inputs | $(cell "$few_cpu" "$few_wall") | $(mb "$few_peak") |"
echo "| spikeflame merge | $(cell "$ours_cpu" "$ours_wall") | $(mb "$ours_peak") |"
echo "| go tool pprof -proto | $(cell "$peer_cpu" "$peer_wall") | $(mb "$peer_peak") |"
echo
ratio=$(math 'a / b' %.1f "$peer_cpu" "$ours_cpu")
[[ $(math 'a >= 5' %d "$ratio") == 1 ]] || notes+=("$ratio times less CPU, not 5")
[[ $(math 'a <= 3 * b' %d "$ours_peak" "$few_peak") == 1 ]] || notes+=("the peak grows with the number of inputs")
aims "5 times less CPU ($ratio), memory by distinct stacks"
[[ ! $failed ]]
