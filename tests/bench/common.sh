# shellcheck shell=bash
# The benchmarks share this; bench.sh runs them, or each by hand:
#
#   tests/bench/v8.sh | perf.sh | cpuprofile.sh | load.sh | others.sh  [--quick] [FILE...]
#
# SPIKEFLAME_BIN    measure this binary; nothing is built
# NODE              the node to measure beside (default: node)
# BENCH_DATA        where large recordings are kept for the next time
#                   (default target/bench)
# TMPDIR            needs room for what is made and thrown away, about 600 MB
#
# Nothing fails for being slow: these are benchmarks, not tests. They fail when
# an output is not what it should be.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
node=${NODE:-node}
data=${BENCH_DATA:-$root/target/bench}
shared=$root/../shared/data
runs=3 quick='' failed=''
rows=() notes=()

say() { echo "bench: $*" >&2; }
die() { say "$*"; exit 1; }

# Sets quick, runs and given.
arguments() { # SCRIPT "$@"
  local script=$1
  shift
  while [[ ${1-} == --* ]]; do
    case $1 in
      --quick) quick=1 runs=1 ;;
      *) sed -n '2,/^$/s/^# \{0,1\}//p' "$script"; exit 2 ;;
    esac
    shift
  done
  given=("$@")
}

needs() { # TOOL...
  local tool
  for tool; do command -v "$tool" >/dev/null || die "needs $tool"; done
}
needs "$node" python3 cmp

work=$(mktemp -d "${TMPDIR:-/tmp}/spikeflame-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT

if [[ ${SPIKEFLAME_BIN-} ]]; then
  binary=$SPIKEFLAME_BIN
else
  (cd "$root" && cargo build --release --quiet)
  binary=${CARGO_TARGET_DIR:-$root/target}/release/spikeflame
fi
[[ -x $binary ]] || die "$binary is not there"

# Spikeflame reads .zst as it is; the others do not.
unpack() { # FROM TO
  case $1 in
    *.zst)
      if command -v zstd >/dev/null; then
        zstd -dcq "$1" >"$2"
      elif "$node" -e 'process.exit(require("zlib").zstdDecompressSync ? 0 : 1)'; then
        "$node" -e 'const fs = require("fs"), [from, to] = process.argv.slice(1);
          fs.writeFileSync(to, require("zlib").zstdDecompressSync(fs.readFileSync(from)));' "$1" "$2"
      else
        die "cannot unpack $1: install the zstd tool, or run with NODE=a node of 22.15 or later"
      fi ;;
    *.gz) gzip -dc "$1" >"$2" ;;
    *) cp "$1" "$2" ;;
  esac
}

measure() { # RUNS STDIN STDOUT COMMAND... -> cpu wall peak
  python3 "$here/measure.py" "$1" "$2" "$3" -- "${@:4}"
}

# `read < <()` loses exit codes, so measurements go through variables: one that
# fails stops us.
cost() { # NAME RUNS STDIN STDOUT COMMAND...: sets NAME_cpu, NAME_wall, NAME_peak
  local figures
  figures=$(measure "${@:2}")
  read -r "$1_cpu" "$1_wall" "$1_peak" <<<"$figures"
}

math() { # EXPRESSION FORMAT A B: the expression speaks of a and b
  awk -v a="$3" -v b="${4-0}" "BEGIN { printf \"$2\", ($1) }"
}

cell() { math a "${3-%.2f}" "$1"; printf ' / '; math a "${3-%.2f}" "$2"; }
mb() { math 'a / 1e6' '%.0f' "$1"; }
bytes_of() { wc -c <"$1"; }

heading() { # TEXT...
  printf '\nCPU seconds (user + system) / wall seconds, best of %s%s. MB are millions of bytes.\n' "$runs" "${1-}"
  printf '%s, %s cores; %s, node %s%s.\n\n' "$(uname -sm)" "$(getconf _NPROCESSORS_ONLN)" \
    "$("$binary" --version)" "$("$node" --version)" "${2-}"
}

aims() { # WHAT
  if [[ ${#notes[@]} -eq 0 ]]; then
    echo "Aims met: $1."
  else
    echo "Aims missed ($1):"
    printf -- '- %s\n' "${notes[@]}"
  fi
}
