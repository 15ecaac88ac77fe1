#!/usr/bin/env bash
# Records the base and the head of a pull request in turn with `spikeflame ab`, when PROGRAM
# names the program to record. Sets the outputs `before` and `after`: the runs to compare. Without
# PROGRAM these are the runs that BEFORE and AFTER name.
set -euo pipefail

if [[ ! ${PROGRAM:-} ]]; then
  if [[ ! ${BEFORE:-} || ! ${AFTER:-} ]]; then
    echo '::error::give the inputs before and after (run folders), or program and load (to record)' >&2
    exit 1
  fi
  printf 'before=%s\nafter=%s\n' "$BEFORE" "$AFTER" >>"$GITHUB_OUTPUT"
  exit
fi
if [[ ! ${BASE:-} ]]; then
  echo '::error::the input base is empty: it names the commit to compare with, and only a pull request has one of its own' >&2
  exit 1
fi

arguments=(--a "git:$BASE" --b "git:${HEAD:-HEAD}" --runs "${RUNS:-3}" --output "$FOLDER")
[[ ! ${BUILD:-} ]] || arguments+=(--build "$BUILD")
[[ ! ${LOAD:-} ]] || arguments+=(--load "$LOAD")
[[ ! ${WAIT:-} ]] || arguments+=(--wait "$WAIT")
read -ra program <<<"$PROGRAM"
spikeflame ab "${arguments[@]}" -- "${program[@]}"
printf 'before=%s\nafter=%s\n' "$FOLDER/a-*" "$FOLDER/b-*" >>"$GITHUB_OUTPUT"
