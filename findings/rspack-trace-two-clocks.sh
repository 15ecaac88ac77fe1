#!/usr/bin/env bash
# A trace of rspack holds two clocks, and a CPU profile that begins at 0.
#
# RSPACK_PROFILE writes rspack's own events and V8's CPU profile of the build into one trace of
# Chrome's format. Rspack's events count microseconds from the start of its process. The event
# `Profile` has one of these times for its `ts`, and `startTime: 0` in its data. The only
# `ProfileChunk` then carries V8's own `startTime` and `endTime`, which count from the start of the
# machine. A reader that takes the start of the first event and the end of the second one shows a
# build of 0.1 s that lasted since the machine was started.
#
# Seen with @rspack/core and @rspack/cli 1.3.15 from npm. Exit code 0: still so. 1: the behaviour
# changed. Users meet it when they open the trace of a slow build.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund @rspack/core@1.3.15 @rspack/cli@1.3.15
mkdir src
for number in $(seq 1 30); do
  echo "export const step$number = (n) => { let sum = 0; for (let i = 0; i < n; i++) sum += i * $number; return sum; };" >"src/step$number.js"
  echo "import { step$number } from './step$number.js'; console.log(step$number(3));" >>src/index.js
done
RSPACK_TRACE_LAYER=chrome RSPACK_PROFILE=OVERVIEW npx rspack build --mode production >/dev/null
cat >look.cjs <<'JS'
const { readFileSync } = require('node:fs');
const events = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const data = (name) => events.find((event) => event.name === name).args.data;
const { startTime } = data('Profile');
const { startTime: start, endTime: end } = data('ProfileChunk').cpuProfile;
const seconds = (us) => (us / 1e6).toFixed(1);
console.log(`Profile: startTime ${startTime}; ProfileChunk: startTime ${start}, endTime ${end}`);
console.log(`the build took ${seconds(end - start)} s; from the first start to the end: ${seconds(end - startTime)} s`);
process.exit(startTime === 0 && start > 0 && end - start < 60e6 ? 0 : 1);
JS
node look.cjs .rspack-profile-*/trace.json
