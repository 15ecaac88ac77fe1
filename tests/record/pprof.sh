#!/usr/bin/env bash
# Records the profiles of samples/pprof with the npm libraries and with Go.
#
#   tests/record/pprof.sh [OUTDIR]      default samples/pprof
#
# Needs node (22; SPIKEFLAME_NODE names another), npm, and go. `pprof` is built
# from source, for which its own Node must be new enough.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$(mkdir -p "${1:-$here/../../samples/pprof}" && cd "${1:-$here/../../samples/pprof}" && pwd)
node=${SPIKEFLAME_NODE:-node}
# The path is in the profiles.
work=/srv/record
mkdir -p "$work"
cp "$here"/programs/pprof.cjs "$here"/programs/repeated.cjs "$here"/programs/pprof.go "$work"
cd "$work"
npm install --no-save --no-audit --no-fund --silent @datadog/pprof@5
for how in functions line labels heap; do
  "$node" pprof.cjs @datadog/pprof "$out/datadog-$how.pb.gz" "${how/functions/}"
done
"$node" repeated.cjs @datadog/pprof "$out/datadog-repeated.pb.gz"
"$node" repeated.cjs @datadog/pprof "$out/datadog-repeated-line.pb.gz" line
npm install --no-save --no-audit --no-fund --silent @pyroscope/nodejs@0.6
"$node" pprof.cjs @pyroscope/nodejs "$out/pyroscope.pb.gz"
if npm install --no-save --no-audit --no-fund --silent pprof@5 &&
  "$node" pprof.cjs pprof "$out/google.pb.gz"; then :; else
  echo 'NOT RECORDED: google.pb.gz, npm pprof does not build or run here' >&2
fi
go build -o pprof-go pprof.go
./pprof-go "$out/go.pb.gz"
ls -l "$out"
