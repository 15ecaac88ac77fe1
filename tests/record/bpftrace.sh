#!/usr/bin/env bash
# Records samples/bpftrace: a program of Node, sampled by bpftrace.
#
#   tests/record/bpftrace.sh FOLDER
#
# Needs root, bpftrace, node and zstd. The program runs until bpftrace has printed:
# bpftrace looks names up only then, in the perf map and by the process.
set -euo pipefail
to=${1:?a folder to write to}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat > "$work/app.js" <<'JS'
function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
function words(text) {
  const seen = new Map();
  for (const word of text.split(' ')) seen.set(word, (seen.get(word) || 0) + 1);
  return seen.size;
}
const text = Array.from({ length: 20000 }, (_, i) => 'w' + (i % 977)).join(' ');
const until = Date.now() + 90000;
while (Date.now() < until) { fib(22); words(text); require('fs').readFileSync(__filename); }
JS
for pair in plain:bpftrace perf:perf; do
  name=${pair%%:*} mode=${pair##*:}
  node --perf-basic-prof --interpreted-frames-native-stack "$work/app.js" &
  pid=$!
  sleep 2
  bpftrace -e "profile:hz:49 /comm == \"node\"/ {
      @stacks[kstack($mode), ustack($mode), comm, pid] = count();
    } interval:s:2 { exit(); }" > "$work/$name.txt"
  kill "$pid" || true
  wait "$pid" || true
  sed "s#$work/#/srv/app/#" "$work/$name.txt" | zstd -q -19 -f -o "$to/$name.txt.zst"
done
