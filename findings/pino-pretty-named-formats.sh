#!/usr/bin/env bash
# pino-pretty writes letters in place of the time for the named formats of dateformat.
#
# `translateTime` takes a format of dateformat, to whose documentation pino-pretty's points. That has
# named formats beside the letters: `isoDateTime`, `isoUtcDateTime`. pino-pretty puts `UTC:` before
# a format, or leaves the one that the user wrote there, and dateformat looks up a name only
# without a prefix. So the letters of the name are taken one by one as parts of the date:
# `isoDateTime` becomes `i28+0000DapePi3e`. Hour and minute are lost: two lines 54 minutes apart have
# one and the same time. `SYS:isoUtcDateTime` gives the time, as pino-pretty removes that prefix.
#
# Seen with pino-pretty 13.2.0, dateformat 4.6.3. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they look for the errors of a time in the log of a service.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund pino-pretty@13.2.0 dateformat@4.6.3
cat >service.log <<'LOG'
{"level":30,"time":1798452368000,"msg":"order 1 paid"}
{"level":50,"time":1798455608000,"msg":"order 2 failed"}
LOG
pretty() {
  node_modules/.bin/pino-pretty --no-colorize --translateTime "$1" <service.log
}
echo "pino-pretty 13.2.0, two lines of $(node -p "const d = require('dateformat'); [1798452368000, 1798455608000].map((t) => d(t, 'isoUtcDateTime')).join(' and ')")"
changed=0
for format in isoDateTime UTC:isoDateTime isoUtcDateTime SYS:isoUtcDateTime; do
  pretty "$format" >out
  sed "s/^/  $format: /" out
  times=$(sed 's/].*//' out | sort -u | wc -l)
  if [[ $format == SYS:* ]]; then
    grep -q '^\[2026-12-28T10:06:08Z\] INFO' out && [[ $times -eq 2 ]] || changed=1
  else
    ! grep -q '2026' out && [[ $times -eq 1 ]] || changed=1
  fi
done
exit "$changed"
