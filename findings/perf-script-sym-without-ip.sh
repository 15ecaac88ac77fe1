#!/usr/bin/env bash
# `perf script -F comm,tid,time,event,sym` is accepted, ends with 0, and prints no symbol at all:
# neither of the sample nor of its callers. perf prints symbols only together with the field `ip`.
# So a text that was made with `sym` and without `ip`, to save space or to hide addresses, has no
# stack. Programs that read it, such as flame graph tools, find samples without any function.
#
# Seen with perf 6.1.192 (linux-perf of Debian 12). Users of perf meet it when they choose the
# fields of `perf script` themselves. Needs a kernel that lets the user record
# (perf_event_paranoid of 2 or less).
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
"$perf" record --quiet -F 499 -g -e cpu-clock -o x.data -- \
  python3 -c 'sum(len([0] * (i % 999)) for i in range(200000))' >/dev/null
frames() { # FIELDS: the number of lines that are no line of an event, and not empty
  "$perf" script -i x.data -F "$1" 2>/dev/null | awk 'NF && !/cpu-clock/' | wc -l
}
with=$(frames comm,tid,time,event,ip,sym) without=$(frames comm,tid,time,event,sym)
echo "lines of stacks with ip,sym: $with"
echo "lines of stacks with sym alone: $without"
"$perf" script -i x.data -F comm,tid,time,event,sym 2>/dev/null | sed -n 1,2p
if [[ $with -eq 0 || $without -ne 0 ]]; then
  echo 'not seen any more' >&2
  exit 1
fi
echo 'SEEN: without ip, perf script prints no symbol'
