#!/usr/bin/env bash
# Measures Spikeflame beside its peers, a format at a time, and prints the
# tables of docs/benchmarks.md as Markdown.
#
#   tests/bench/bench.sh [--quick] [PART...]
#
# PART...   of v8, perf, cpuprofile, load, errors, others, merge, report (default: all of
#           these; with SPIKEFLAME_OLD also builds), scaling, instructions
# --quick   small inputs, everything once
#
# SPIKEFLAME_OLD=FILE   an earlier build, which the part `builds` puts beside this one
#
# Each part is a script of that name beside this one, which says more;
# common.sh says which variables they heed.

here=$(cd "$(dirname "$0")" && pwd)
source "$here/common.sh"
arguments "$0" "$@"
[[ ${#given[@]} -gt 0 ]] ||
  given=(v8 perf cpuprofile load errors others merge ${SPIKEFLAME_OLD:+builds} report)

status=0
for part in "${given[@]}"; do
  [[ -x $here/$part.sh ]] || die "no part $part"
  SPIKEFLAME_BIN=$binary "$here/$part.sh" ${quick:+--quick} || status=1
done
exit "$status"
