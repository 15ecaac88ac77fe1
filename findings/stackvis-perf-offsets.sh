#!/usr/bin/env bash
# stackvis splits a function of a perf recording into as many functions as it has addresses.
#
# `perf script` writes a frame as symbol+0x1f: the place within the function. stackvis, the npm
# package with FlameGraph's stackcollapse-perf, keeps the offset as a part of the name. One hot
# function is then a row of thin boxes, and none of them looks hot. It also cuts a name at
# the first "(" or "<", for C++'s arguments: V8's functions in an anonymous namespace are all named
# `v8::internal::`, and JavaScript's functions without a name `JS:*`. `perf script -F -symoff` has
# no offsets.
#
# Seen with stackvis 0.5.0, perf 6.1 (linux-perf of Debian 12), Node 20. Exit code 0: still so.
# 1: the behaviour changed. Users meet it when they draw perf's recordings with npm's tools.
# Needs a kernel that lets the user record (perf_event_paranoid of 2 or less).
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts stackvis@0.5.0
perf=$(command -v perf || true)
if [[ -z $perf ]]; then
  apt-get download --quiet linux-perf
  dpkg -x linux-perf_*.deb .
  perf=$(find . -name 'perf*' -path '*bin*' -type f | head -1)
fi
cat >program.js <<'JS'
function hot(n) { let x = 0; for (let i = 0; i < n; i++) x += Math.sqrt((i % 7) + (x % 3)); return x; }
for (const end = Date.now() + 1500; Date.now() < end;) hot(20000);
JS
"$perf" record --quiet -F 499 -e cpu-clock -g -o perf.data -- \
  node --perf-basic-prof --interpreted-frames-native-stack program.js >/dev/null
"$perf" script -i perf.data >perf.txt 2>/dev/null
"$perf" script -F -symoff -i perf.data >plain.txt 2>/dev/null || "$perf" script -F comm,pid,tid,time,event,ip,sym,dso -i perf.data >plain.txt 2>/dev/null
for text in perf plain; do node_modules/.bin/stackcollapse-perf <"$text.txt" >"$text.folded"; done
python3 - <<'PY'
import collections, re, sys
seen = {}
for text in ("perf", "plain"):
    tops = collections.Counter()
    for line in open(f"{text}.folded"):
        stack, count = line.rstrip().rsplit(" ", 1)
        leaf = re.search(r"JS:\*hot [^,;]*$", stack)
        if leaf:
            tops[leaf[0]] += int(count)
    seen[text] = tops
    total, largest = sum(tops.values()), max(tops.values(), default=0)
    print(f"{'with' if text == 'perf' else 'without'} offsets: `hot` is {len(tops)} functions with {total} samples, {largest} in the largest")
whole, plain = seen["perf"], seen["plain"]
sys.exit(0 if len(whole) >= 5 and len(plain) == 1 and max(whole.values()) < 0.7 * sum(whole.values()) else 1)
PY
