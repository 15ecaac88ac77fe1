#!/usr/bin/env bash
# The log of `node --prof` does not name native addons, and LD_PRELOAD, which makes V8
# list one, breaks some.
#
# V8 writes a `shared-library` record for every library that is mapped when the log
# begins, and none later. An addon that `require` loads is missing, and the ticks in it
# have addresses that nothing in the log explains: `node --prof-process` counts them as
# unaccounted. With LD_PRELOAD the addon is mapped before the list is made. That works
# with addons that export `napi_register_module_v1` (argon2). Those that register
# themselves when they are loaded (bcrypt, better-sqlite3) then fail in `require`:
# "Module did not self-register". For them a copy of /proc/PID/maps is the only way.
#
# Seen with bcrypt 6.0.0 and argon2 0.45.1 on Node 24.21.0. Exit code 0: still so.
# 1: the behaviour changed.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund node@24.21.0 bcrypt@6.0.0 argon2@0.45.1
node=$PWD/node_modules/node/bin/node
echo "const b = require('bcrypt'); for (let i = 0; i < 20; i++) b.hashSync('secret', 8);" >bcrypt.js
echo "require('argon2').hash('secret');" >argon2.js
run() { # PROGRAM [PRELOADED]: prints the records of the addon, or why there are none
  local folder=$1-${2:+preload}
  mkdir "$folder"
  (cd "$folder" && LD_PRELOAD=${2-} "$node" --prof "../$1.js" >/dev/null 2>error) || true
  if grep -q 'did not self-register' "$folder/error"; then echo 'did not self-register'; return; fi
  grep -ac "^shared-library,.*$1" "$folder"/*-v8.log || true
}
addon() { echo "$PWD/node_modules/$1/prebuilds/linux-x64/$1.glibc.node"; }
seen="bcrypt $(run bcrypt), argon2 $(run argon2), with LD_PRELOAD: "
seen+="argon2 $(run argon2 "$(addon argon2)"), bcrypt $(run bcrypt "$(addon bcrypt)")"
echo "$("$node" --version): records of the addon: $seen"
[[ $seen == 'bcrypt 0, argon2 0, with LD_PRELOAD: argon2 1, bcrypt did not self-register' ]]
