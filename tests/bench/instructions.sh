#!/usr/bin/env bash
# Counts the machine instructions of eleven small jobs with valgrind's callgrind, and
# compares them with the committed table instructions.tsv. The counts repeat on any load
# of the machine, so a reader that became slower is seen at once.
#
#   tests/bench/instructions.sh
#
# SPIKEFLAME_BIN=FILE   count this binary; nothing is built
# SPIKEFLAME_BLESS=1    write the table anew, instead of comparing
#
# A count more than 5 % above the table is an error. Counts depend on the compiler, the C
# library, valgrind and the processor's vector instructions. The table's first line names
# those it was made with; with others the counts are printed and nothing is compared.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."
table=$here/instructions.tsv
command -v valgrind >/dev/null || { echo 'needs valgrind' >&2; exit 1; }
if [[ ${SPIKEFLAME_BIN-} ]]; then
  binary=$SPIKEFLAME_BIN
else
  cargo build --release --quiet
  binary=${CARGO_TARGET_DIR:-target}/release/spikeflame
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
vectors=$(grep -om1 -wE 'avx2' /proc/cpuinfo || echo 'no avx2')
made_with="# $(rustc --version | cut -d' ' -f1,2), glibc $(getconf GNU_LIBC_VERSION | cut -d' ' -f2), $(valgrind --version), $(uname -m), $vectors"

jobs=(
  'V8 log|top samples/v8/mix-node22.log.zst'
  'V8 log, flame graph|flame samples/v8/nested-on-node20.log.zst -o WORK/flame.svg'
  'perf.data|fold samples/perf/packed.data.zst'
  'perf text|fold samples/perf/packed.perf-script.txt.zst'
  'cpuprofile|fold samples/json/mix-node22.cpuprofile.zst'
  'Chrome trace|fold samples/json/trace-node20.json.zst'
  'preprocessed log|fold samples/json/nested-on-node20.preprocessed.json.zst'
  'pprof|fold samples/pprof/datadog-labels.pb.gz'
  'k6 JSON|plateau samples/load/k6.json.gz'
  'application log|errors samples/errors/queue.log'
  '60 alike profiles|fold WORK/alike'
)

# Workers that did the same: as many samples, as long, each with names of its own. Each is compared
# with all others, so that what a comparison computes again shows here.
mkdir "$work/alike"
for worker in {10..69}; do
  sed "s/\"functionName\":\"\([a-z]\)/&$worker/g" samples/lines/lines-node20.cpuprofile >"$work/alike/$worker.cpuprofile"
done

printf '%s\n' "$made_with" >"$work/table"
for job in "${jobs[@]}"; do
  name=${job%%|*}
  read -ra words <<<"${job#*|}"
  # perf keeps binaries in ~/.debug, and reading their symbols would count. The table was made on a
  # machine with the debug files of its C library: without them, perf.data takes fewer instructions.
  HOME=$work valgrind --tool=callgrind --callgrind-out-file=/dev/null "$binary" "${words[@]/#WORK/$work}" \
    >/dev/null 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
  count=$(sed -n 's/,//g; s/.*I *refs: *//p' "$work/log")
  printf '%s\t%s\n' "$name" "$count" >>"$work/table"
done

if [[ ${SPIKEFLAME_BLESS-} ]]; then
  cp "$work/table" "$table"
fi
python3 - "$table" "$work/table" <<'PYTHON'
import sys

def read(path):
    lines = open(path).read().splitlines()
    return lines[0], {name: int(count) for name, count in (line.split("\t") for line in lines[1:])}

(machine, before), (here, now) = map(read, sys.argv[1:])
same = machine == here
if not same:
    print(f"NOT COMPARED: the table is of {machine[2:]}; this is {here[2:]}")
worse = []
print("| work | instructions, millions | table |\n|---|--:|--:|")
for name, count in now.items():
    ratio = count / before[name] if name in before else None
    print(f"| {name} | {count / 1e6:.1f} | {f'{ratio - 1:+.1%}' if ratio else 'new'} |")
    if same and (ratio is None or ratio > 1.05):
        worse.append(name)
if worse:
    sys.exit(f"{', '.join(worse)}: 5 % above the table, or not in it; find out why, or run "
             "SPIKEFLAME_BLESS=1 tests/bench/instructions.sh")
PYTHON
