#!/usr/bin/env bash
# adze's formats `standard` and `common` write an error without its stack, and an error that
# follows a message as `{}` or not at all.
#
# In the format `pretty`, the default, and in `json`, each error has its stack. `standard`
# writes `TypeError: bad thing` alone, and `{}` where the error is the second argument:
# the class, the message and the stack are lost. `common` leaves the second argument out, and
# its lines have no level at all, so that an error looks like any other line.
#
# Seen with adze 2.3.0 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it with setup({ format: 'standard' }) or 'common' in production.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund adze@2.3.0
cat >log.cjs <<'JS'
const adze = require('adze');
const meta = { name: 'web', hostname: 'web-1', port: 80, ident: '-', user: '-' };
adze.setup({ format: process.argv[2], meta });
adze.default.error(new TypeError('bad thing'));
adze.default.error('payment failed', new TypeError('no money'));
JS
for format in pretty json standard common; do
  NO_COLOR=1 node log.cjs "$format" >"$format.log" 2>&1
done
echo 'adze 2.3.0'
head -n 4 standard.log common.log
count() { grep -o "$1" "$2.log" | wc -l; }
for format in pretty json standard common; do
  echo "$format: $(count 'log.cjs:[0-9]*' "$format") frames of the program, $(count 'no money' "$format") times the second message"
done
[[ $(count 'log.cjs:[0-9]*' pretty) -ge 2 && $(count 'log.cjs:[0-9]*' json) -ge 2 ]] || exit 1
for format in standard common; do
  [[ $(count 'log.cjs:[0-9]*' "$format") -eq 0 && $(count 'no money' "$format") -eq 0 ]] || exit 1
done
grep -q 'payment failed *{}' standard.log && ! grep -qi error: <(sed 's/TypeError//' common.log)
