#!/usr/bin/env bash
# `perf report` has a row for each time that V8 compiled a function, so the hottest one is not at its top.
#
# V8 optimizes a function for the shapes of the objects that it has met, and compiles it anew when another shape
# comes. `node --perf-basic-prof` writes a line with the same name and another address each time. perf takes two
# addresses for two functions, and adds up nothing: `perf report` prints the same name, file and line in several
# rows, with `--sort sym` too. Here `hot` uses four times 400 ms of CPU, each with objects of another shape, and
# `steady` four times 250 ms. The first row is `steady` with its 1 s, and `hot`, which used 1.6 s, is below it in
# pieces. The text of `perf script`, added up by name, has the truth.
#
# Seen with perf 6.1 (linux-perf of Debian 12), Node 20. Exit code 0: still so. 1: the behaviour changed. Users
# meet it in services that run for long: what handles many kinds of requests is compiled most often. Needs a
# kernel that lets the user record (perf_event_paranoid of 2 or less).
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
perf=$(command -v perf || true)
if [[ -z $perf ]]; then
  apt-get download --quiet linux-perf
  dpkg -x linux-perf_*.deb .
  perf=$(find . -name 'perf*' -path '*bin*' -type f | head -1)
fi
cat >program.js <<'JS'
function hot(list, times) {
  let sum = 0;
  for (let time = 0; time < times; time++) for (let at = 0; at < list.length; at++) sum = (sum + Math.sqrt(list[at].size)) % 1000;
  return sum;
}
function steady(list, times) {
  let sum = 0;
  for (let time = 0; time < times; time++) for (let at = 0; at < list.length; at++) sum = (sum + Math.sqrt(list[at])) % 1000;
  return sum;
}
const used = { hot: 0, steady: 0 };
function run(work, list, ms) {
  const from = process.cpuUsage().user;
  let now = from;
  while ((now = process.cpuUsage().user) < from + ms * 1000) work(list, 2000);
  used[work.name] += (now - from) / 1e6;
}
const numbers = Array.from({ length: 100 }, (_, at) => at + 0.5);
const shapes = [(size) => ({ size }), (size) => ({ user: 1, size }), (size) => ({ order: 1, size }), (size) => ({ item: 1, more: 2, size })];
for (const shape of shapes) {
  run(hot, numbers.map(shape), 400);
  run(steady, numbers, 250);
}
console.log(JSON.stringify(used));
JS
"$perf" record --quiet -F 499 -e cpu-clock -o perf.data -- node --perf-basic-prof program.js >used.json
"$perf" report -i perf.data --stdio --sort sym --percent-limit 0.5 >report.txt 2>/dev/null
"$perf" script -i perf.data -F ip,sym >script.txt 2>/dev/null
python3 - <<'PY'
import json, re, sys
used = json.load(open("used.json"))
rows = re.findall(r"^ +([\d.]+)% +\[.\] JS:\*(hot|steady) ", open("report.txt").read(), re.M)
sums = {"hot": 0, "steady": 0}
every = 0
for line in open("script.txt"):
    if line.strip():
        every += 1
        name = re.search(r"JS:\*(hot|steady) ", line)
        if name:
            sums[name[1]] += 1
print("the program: " + ", ".join(f"{name} {seconds:.2f} s of CPU" for name, seconds in used.items()))
print("perf report: " + ", ".join(f"{name} {share} %" for share, name in rows))
print("perf script by name: " + ", ".join(f"{name} {100 * count / every:.1f} %" for name, count in sums.items()))
hot = [float(share) for share, name in rows if name == "hot"]
steady = [float(share) for share, name in rows if name == "steady"]
holds = used["hot"] > 1.3 * used["steady"] and rows[0][1] == "steady" and len(hot) >= 3
holds = holds and max(hot) < 0.8 * max(steady) and sums["hot"] > 1.2 * sums["steady"]
sys.exit(0 if holds else 1)
PY
