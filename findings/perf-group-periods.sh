#!/usr/bin/env bash
# A group of events (`perf record -e '{a,b}:S'`) writes one record a sample, of the event that
# leads. The record has a period, as other records have. But `perf report` and `perf script`
# do not use it: they take the differences of the counters that the record contains
# (`sample_read`), and make a sample of every event of the group out of one record. So the
# periods in the file do not add up to what perf reports, and the samples of the other events
# are in no record of their own. A program that reads perf.data and weighs by the period, as
# it must for recordings without a group, gets other shares than `perf report`, and no sample
# of the second event.
#
# Seen with perf 6.1.192 (linux-perf of Debian 12). Users of perf meet it with
# `perf record -e '{cycles,instructions}:S'`, which reads the second counter at each sample.
# Needs a kernel that lets the user record (perf_event_paranoid of 2 or less).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
perf=$(command -v perf || true)
if [[ -z $perf ]]; then
  apt-get download --quiet linux-perf
  dpkg -x linux-perf_*.deb .
  perf=$(find . -name 'perf*' -path '*bin*' -type f | head -1)
fi
"$perf" --version
"$perf" record --quiet -F 499 -e '{cpu-clock,page-faults}:S' -o group.data -- \
  python3 -c 'sum(len([0] * (i % 99999)) for i in range(20000))' >/dev/null
recorded=$("$perf" report -D -i group.data 2>/dev/null |
  awk '/PERF_RECORD_SAMPLE/ { for (i = 1; i < NF; i++) if ($i == "period:") { n++; sum += $(i + 1) } }
       END { printf "%d %d", n, sum }')
echo "records of samples, and the sum of their periods: $recorded"
echo 'events, samples and sums of periods that perf script reports:'
"$perf" script -i group.data -F event,period 2>/dev/null |
  awk 'NF { sub(":$", "", $2); n[$2]++; sum[$2] += $1 }
       END { for (event in n) printf "%s %d %d\n", event, n[event], sum[event] }' | sort | tee reported
leader=$(awk '$1 ~ /^cpu-clock/ { print $2, $3 }' reported)
others=$(awk '$1 ~ /^page-faults/ { print $2 }' reported)
if [[ $leader == "$recorded" || -z $others ]]; then
  echo 'not seen any more' >&2
  exit 1
fi
echo "SEEN: the sums differ, and $others samples of page-faults come from records of cpu-clock"
