#!/usr/bin/env bash
# Makes the texts of `perf script` in samples/perf-text anew: what perf writes
# with one set of fields and another, of several processes and events.
#
#   tests/record/perf-text.sh [DIR]
#
# Needs perf, a node that it may record (root, or perf_event_paranoid <= 1),
# gcc, zstd.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$(mkdir -p "${1:-$here/../../samples/perf-text}" && cd "${1:-$here/../../samples/perf-text}" && pwd)
work=$(mktemp -d)
trap 'cat "$work/said" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work"

keep() { zstd -q -19 -f -o "$out/$1.txt.zst"; }
# perf's own chatter, and paths of this machine, are not of interest.
script() { perf script --force -i "$@" 2>"$work/said" | sed "s|$work|/tmp/work|g"; }

cat >busy.js <<'JS'
const until = Date.now() + 700;
function sortSome(n) { const a = []; for (let i = 0; i < n; i++) a.push((i * 7919) % n); return a.sort((x, y) => x - y); }
function parseSome(text) { return JSON.parse(text).length; }
const text = JSON.stringify(Array.from({ length: 200 }, (_, i) => ({ i, name: `n${i}` })));
let sum = 0;
while (Date.now() < until) { sum += sortSome(300)[3] + parseSome(text) + /(\d+)-x$/.test(String(sum)); }
console.log(sum);
JS
cat >inline.c <<'C'
static inline __attribute__((always_inline)) unsigned mix(unsigned x) { for (int i = 0; i < 50; i++) x = (x ^ (x >> 13)) * 1664525u; return x; }
static __attribute__((noinline)) unsigned work(unsigned n) { unsigned s = 0; while (n--) s ^= mix(n); return s; }
int main(void) { volatile unsigned s = 0; for (int i = 0; i < 900; i++) s += work(20000 + i); return s == 42; }
C
gcc -g -O2 -fno-omit-frame-pointer -o inline inline.c

node=(node --perf-basic-prof --interpreted-frames-native-stack busy.js)
# Several processes and events.
perf record -q --sample-cpu -F 49 -g -e cpu-clock,page-faults -o all.data -- \
  sh -c "${node[*]} & printf 'my proc 12' >/proc/\$\$/comm; i=0; while [ \$i -lt 150000 ]; do i=\$((i + 1)); done; wait" >/dev/null
script all.data | keep several-events
script all.data --ns -F comm,pid,tid,cpu,time,event,ip,sym,symoff,dso,period | keep all-fields
script all.data -F comm,tid,event,ip,sym,dso | keep no-time
script all.data -F comm,tid,time,event,ip,sym | keep no-module
# No callers: one line a sample.
perf record -q -F 199 -e cpu-clock -o flat.data -- "${node[@]}" >/dev/null
script flat.data | keep one-line
# Inlined functions and source lines.
perf record -q -F 199 -g -e cpu-clock -o inline.data -- ./inline
script inline.data --inline | keep inlined
script inline.data --inline -F +srcline | keep source-lines
# Without the interpreter's frames, and the names of an older V8.
perf record -q -F 199 -g -e cpu-clock -o basic.data -- node --perf-basic-prof busy.js >/dev/null
script basic.data --header | keep header

ls -l "$out"
