#!/usr/bin/env bash
# Records `node --prof` logs of real Node versions and, beside each, the text
# that V8's own processor of the same version makes of it. The tests compare
# Spikeflame against these; nothing recorded here is committed.
#
#   tests/record/record.sh [--quick] [--fresh] [OUTDIR] [VERSIONS...]
#
# OUTDIR    default target/recordings      VERSIONS  default 16 18 20 22 24 26
# --quick   only what CI needs (see QUICK_*; VERSIONS given by hand still win)
# --fresh   record again what is there already
# SPIKEFLAME_NODES   where Node versions are kept (default target/nodes)
#
# Writes  OUTDIR/<scenario>-node<NN>.log  .v8-processor.txt  .err
# and for programs with workers one set per isolate:
#         OUTDIR/workers-node<NN>.{main,worker1,worker2}.log …
# An isolate is told by its hot function among the code-creation records (not
# script-source: each isolate carries the whole source): mainHot is the main
# thread, alphaHot worker1, betaHot worker2. File names say nothing certain.
set -euo pipefail

QUICK_VERSIONS=(20 24 26)
QUICK_SCENARIOS='mix native workers nested-on nested-off'

# name | program and its arguments | node flags. {compact}, {noinline} are
# filled per version, because V8 renames such flags.
SCENARIOS='
mix|mix.js|
native|native.js|
deep|deep.js|
workers|workers.js|
wasm|wasm.js|
calls|calls.js|
compact|compact.js|--expose-gc {compact}
nativestack|mix.js|--interpreted-frames-native-stack
kill|mix.js kill|
nested-on|nested.js|
nested-off|nested.js|{noinline}
idle|idle.js|
cpuprof|mix.js|--cpu-prof
torn|workers.js|--no-logfile-per-isolate
'

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
quick='' fresh=''
while [[ ${1-} == --* ]]; do
  case $1 in
    --quick) quick=1 ;;
    --fresh) fresh=1 ;;
    *) sed -n '2,20s/^# \{0,1\}//p' "$0"; exit 2 ;;
  esac
  shift
done
out=${1:-$root/target/recordings}
[[ $# -gt 0 ]] && shift
versions=("$@")
if [[ $# -eq 0 ]]; then
  versions=(16 18 20 22 24 26)
  [[ $quick ]] && versions=("${QUICK_VERSIONS[@]}")
fi
nodes=${SPIKEFLAME_NODES:-$root/target/nodes}
mkdir -p "$out" "$nodes"
out=$(cd "$out" && pwd) nodes=$(cd "$nodes" && pwd)
scratch=$(mktemp -d "$out/.scratch.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

# V8's processor asks nm and objdump for C++ names and stays silent without.
for tool in nm objdump; do
  command -v "$tool" >/dev/null ||
    echo "record: no $tool (install binutils): C++ parity is off, the processor texts will name no C++ function" >&2
done

node_of() { # VERSION -> path of its binary, installed on first use
  local dir=$nodes/n$1 bin=$nodes/n$1/node_modules/node/bin/node
  if [[ ! -x $bin ]]; then
    mkdir -p "$dir"
    echo "record: installing node $1 in $dir" >&2
    # A package.json of its own keeps npm from climbing to another project.
    echo '{"private":true}' >"$dir/package.json"
    npm install --prefix "$dir" --no-audit --no-fund --loglevel=error "node@$1" >&2
  fi
  "$bin" -e 0 || { echo "record: node $1 does not run" >&2; return 1; }
  echo "$bin"
}

has_flag() { # NODE FLAG: asked of the list, since node rejects unknown flags
  # No grep -q: it would close the pipe early, and pipefail see node's SIGPIPE.
  "$1" --v8-options | grep -E -e "^ +$2( |$)" >/dev/null
}

flags_of() { # NODE TEMPLATE -> flags
  local node=$1 word flag
  for word in $2; do
    case $word in
      '{compact}') for flag in --always-compact --compact-on-every-full-gc; do
          if has_flag "$node" "$flag"; then echo "$flag"; fi
        done ;;
      '{noinline}') echo --no-turbo-inlining
        if has_flag "$node" --maglev-inlining; then echo --no-maglev-inlining; fi ;;
      *) echo "$word" ;;
    esac
  done
}

role_of() { # LOG -> main, worker1 or worker2
  case $(grep -a '^code-creation,' "$1" | grep -aom1 -E ',(mainHot|alphaHot|betaHot) ' || true) in
    ,mainHot\ ) echo main ;;
    ,alphaHot\ ) echo worker1 ;;
    ,betaHot\ ) echo worker2 ;;
    *) echo "record: cannot tell which isolate wrote $1" >&2; return 1 ;;
  esac
}

record() { # VERSION NODE NAME PROGRAM FLAGS...
  local version=$1 node=$2 name=$3 program=$4 status=0 log role
  shift 4
  local base=$out/$name-node$version work=$scratch/$name-node$version
  local -a found
  if [[ ! $fresh && ( -e $base.log || -e $base.main.log ) ]]; then return; fi
  rm -f "$base".*
  # Now and then a node dies at its end by its own profiler's SIGPROF (155,
  # seen with 16): the handler is gone before the last signal. Then again.
  for _ in 1 2 3; do
    rm -rf "$work"
    mkdir "$work"
    status=0
    # The log goes to the working directory, so each run has one of its own.
    # `|| exit` keeps the subshell alive, so bash's "Killed" goes to .err too.
    # shellcheck disable=SC2086  # the program may carry arguments
    (cd "$work" && "$node" --prof "$@" "$here/programs/"$program || exit $?) >/dev/null 2>"$base.err" || status=$?
    [[ $status -eq 155 ]] || break
  done
  if [[ $name == kill ]]; then [[ $status -eq 137 ]] || { echo "record: kill ended with $status" >&2; return 1; }
  elif [[ $status -ne 0 ]]; then echo "record: $name on node $version failed ($status), see $base.err" >&2; return 1; fi
  found=("$work"/*.log)
  if [[ ${#found[@]} -eq 1 ]]; then
    mv "${found[0]}" "$base.log"
  else
    for log in "${found[@]}"; do
      role=$(role_of "$log")
      mv "$log" "$base.$role.log"
    done
  fi
  rm -rf "$work"
  echo "record: $name-node$version $*" >&2
}

process() { # LOG VERSION
  local log=$1 node=$nodes/n$2/node_modules/node/bin/node text=${1%.log}.v8-processor.txt
  [[ -e $text ]] && return
  # A torn log makes it fail; what it said is then part of the record.
  (cd "$(dirname "$log")" && "$node" --prof-process "$(basename "$log")") >"$text.part" 2>>"${log%.log}.err" ||
    echo "record: V8's processor failed on $(basename "$log")" >&2
  mv "$text.part" "$text"
}

for version in "${versions[@]}"; do
  node=$(node_of "$version")
  while IFS='|' read -r name program template; do
    [[ $name ]] || continue
    [[ $quick && " $QUICK_SCENARIOS " != *" $name "* ]] && continue
    mapfile -t flags < <(flags_of "$node" "$template")
    record "$version" "$node" "$name" "$program" "${flags[@]}"
  done <<<"$SCENARIOS"
  # Only after the version's recordings, so as not to disturb them; two at a
  # time, since each waits for its nm.
  for log in "$out"/*-node"$version".log "$out"/*-node"$version".*.log; do
    [[ -e $log ]] || continue
    process "$log" "$version" &
    if (($(jobs -rp | wc -l) >= 2)); then wait -n || true; fi
  done
  wait
done
find "$out" -name '*.err' -empty -delete
echo "record: $(find "$out" -name '*.log' | wc -l) logs in $out" >&2
