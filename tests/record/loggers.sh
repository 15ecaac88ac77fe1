#!/usr/bin/env bash
# Makes the logs of samples/errors that show how each logger prints the same errors:
# NestJS 7 and 11, nest-winston, winston, pino with pino-pretty. Needs node and npm.
#
#   tests/record/loggers.sh [OUTDIR]      default samples/errors
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$(mkdir -p "${1:-$here/../../samples/errors}" && cd "${1:-$here/../../samples/errors}" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp "$here/loggers/loggers.cjs" "$scratch"
cd "$scratch"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent --legacy-peer-deps \
  @nestjs/common@11 nest7@npm:@nestjs/common@7 reflect-metadata@0.2 rxjs@7 \
  pino@9 pino-pretty@13 winston@3 nest-winston@1

# NAME ARGUMENT...: what one logger prints; the folder's name gives way.
log() {
  local name=$1
  shift
  node loggers.cjs "$@" 2>&1 | sed "s#$scratch/#/srv/shop/#g" >"$out/$name.log"
}
log nest-objects nest '{"colors":false}'
log nest-json nest '{"json":true}'
log nest-json-expanded nest '{"json":true,"compact":false}'
log nest-7 nest7
log nest-winston nest-winston '{"colors":false,"prettyPrint":false}'
log nest-winston-pretty nest-winston '{"colors":true,"prettyPrint":true}'
log winston-simple winston simple
log winston-pretty winston prettyPrint
node loggers.cjs pino | TZ=Asia/Seoul node_modules/.bin/pino-pretty --translateTime SYS:standard |
  sed "s#$scratch/#/srv/shop/#g" >"$out/pino-pretty.log"
