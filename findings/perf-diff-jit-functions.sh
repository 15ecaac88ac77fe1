#!/usr/bin/env bash
# `perf diff` finds no JavaScript function of the first recording in the second one.
#
# perf names the code that V8 compiled `[JIT] tid 1234`, after the process, and takes that for the name
# of a file. `perf diff` matches functions by file and name, as its default is `-s dso,symbol`. Two runs of one
# program have two numbers, so no function of JavaScript matches. Each one is listed without a baseline,
# as if it were new and all of its time had been added; the same function in the first recording is left
# out. Here the two recordings are of one program that does the same: `work` has most of the time in
# both, and `perf diff` adds all of it. With `-s sym` the function matches, and hardly changed.
#
# Seen with perf 6.1.187 (linux-perf of Debian 12), Node 20.20.2. Exit code 0: still so. 1: it changed.
# Users meet it when they compare a service before and after a change with perf's own command.
# Needs a kernel that lets the user record (perf_event_paranoid of 2 or less).
set -euo pipefail
scratch=$(mktemp -d)
touch "$scratch/pids"
trap 'sed "s|.*|/tmp/perf-&.map|" "$scratch/pids" | xargs rm -f; rm -rf "$scratch"' EXIT
cd "$scratch"
perf=$(command -v perf || true)
if [[ -z $perf ]]; then
  apt-get download --quiet linux-perf
  dpkg -x linux-perf_*.deb .
  perf=$(find . -name 'perf*' -path '*bin*' -type f | head -1)
fi
cat >program.js <<'JS'
require('node:fs').appendFileSync('pids', `${process.pid}\n`);
function work(until) {
  let sum = 0;
  for (let at = 0; at < 2_000_000; at++) sum += Math.sqrt(sum + at);
  return process.cpuUsage().user < until;
}
while (work(1_500_000));
JS
for name in before after; do
  "$perf" record --quiet -F 499 -e cpu-clock -g -o "$name.data" -- node --perf-basic-prof program.js >/dev/null
done
row() { "$perf" diff "$@" before.data after.data 2>/dev/null | grep -E 'JS:\*work ' | head -1 | tr -s ' '; }
share() { "$perf" report -i "$1.data" --no-children --stdio -g none -s sym 2>/dev/null | grep -E 'JS:\*work ' | head -1 | tr -s ' '; }
"$perf" --version
echo "node $(node --version)"
for name in before after; do echo "perf report, $name: $(share "$name")"; done
plain=$(row)
by_symbol=$(row -s sym)
echo "perf diff:        $plain"
echo "perf diff -s sym: $by_symbol"
# A row without a baseline begins with the difference and its sign.
[[ $plain =~ ^\ *\+([0-9.]+)%\ \[JIT\] ]] || exit 1
added=${BASH_REMATCH[1]}
[[ $by_symbol =~ ^\ *([0-9.]+)%\ +[+-]([0-9.]+)% ]] || exit 1
python3 -c 'import sys; added, base, moved = map(float, sys.argv[1:]); sys.exit(0 if added > 50 and base > 50 and moved < 20 else 1)' \
  "$added" "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
