#!/usr/bin/env bash
# Under `flame run`, a program goes on after process.exit().
#
# @platformatic/flame replaces `process.exit` so that it can save the profile first. Saving is asynchronous, and the
# replacement returns at once. Node's documentation has that `process.exit()` "instructs Node.js to
# terminate the process synchronously", and programs rely on it: what stands behind the call is not meant
# to run. Here a program exits with 3 when its check fails, and otherwise deletes a file. With `node` the file
# remains. With `flame run` the program deletes it, and then ends with 3. The statements that ran after
# the exit are also in no profile, as that was stopped before.
#
# Seen with @platformatic/flame 1.7.0 on Node 20.20.2. Exit code 0: still so. 1: it changed. Users meet it when
# they profile a script, a migration or a service that exits on a wrong configuration.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @platformatic/flame@1.7.0
cat >program.js <<'JS'
const { unlinkSync } = require('node:fs');
function refuse() {
  console.log('the check failed: exit with 3');
  process.exit(3);
}
refuse();
unlinkSync('data');
console.log('the file is deleted');
JS
run() { # COMMAND...: what the program prints, its code, and whether the file is there afterwards
  echo 'rows' >data
  code=0
  "$@" >output.txt 2>&1 || code=$?
  grep -E '^the ' output.txt | paste -sd';'
  if [[ -e data ]]; then echo "code $code, the file remains"; else echo "code $code, the file is gone"; fi
}
echo "@platformatic/flame $(node -p "require('@platformatic/flame/package.json').version"), node $(node --version)"
plain=$(run node program.js | paste -sd' ')
profiled=$(run node_modules/.bin/flame run --delay=none program.js | paste -sd' ')
echo "node:      $plain"
echo "flame run: $profiled"
[[ $plain == 'the check failed: exit with 3 code 3, the file remains' &&
  $profiled == 'the check failed: exit with 3;the file is deleted code 3, the file is gone' ]]
