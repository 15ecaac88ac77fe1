#!/usr/bin/env bash
# In evlog's text, only a colour shows that a line is an error.
#
# `log.error('web', 'no room')` and `log.info('web', 'no room')` write the same line, a time, the
# tag and the text; the tag is red or cyan. The colours are written into files and pipes
# too, also with NO_COLOR=1. A collector or a terminal's copy that takes the colours off leaves
# nothing to tell the two apart, and a search for "error" finds neither. `pretty: false` writes
# JSON with a level.
#
# Seen with evlog 2.29.0 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they count the errors in the output of a service outside of production.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund evlog@2.29.0
cat >log.mjs <<'JS'
import { initLogger, log } from 'evlog';
if (process.argv[2]) initLogger({ env: { service: 'web' }, pretty: false });
log.info('web', 'no room');
log.error('web', 'no room');
JS
NO_COLOR=1 node log.mjs >text.log 2>&1
node log.mjs json >json.log 2>&1
echo 'evlog 2.29.0'
cat -v text.log
plain=$(sed 's/\x1b\[[0-9;]*m//g; s/^[0-9:.]* //' text.log)
echo "without colours and times:"
echo "$plain"
grep -q $'\x1b\\[31m' text.log || exit 1
[[ $(sort -u <<<"$plain") == '[web] no room' ]] || exit 1
grep -c '"level":"error"' json.log >/dev/null
