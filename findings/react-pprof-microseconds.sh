#!/usr/bin/env bash
# react-pprof shows two seconds of a profile of `pprof` as two milliseconds.
#
# A pprof file names the unit of its values. @datadog/pprof writes nanoseconds, and `pprof`, Google's package for
# Node, microseconds. react-pprof reads the unit, keeps a factor to nanoseconds with it, and never applies
# the factor: it prints each time as if it were in nanoseconds. So all times of such a file are too short
# by 1,000 in the tooltip, the details of a frame and the list of stacks. Widths are right. Here a thread
# is profiled for 2 s at an interval of 10 ms. `go tool pprof` has 2 s for the file.
#
# Seen with react-pprof 1.5.1, pprof 5.0.0, Node 20.20.2. Exit code 0: still so. 1: it changed.
# Users meet it when they open a profile of a service that has Google's package, or a merged one.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund react-pprof@1.5.1 pprof@5.0.0
cat >service.js <<'JS'
const { writeFileSync } = require('node:fs');
const { encode, time } = require('pprof');
const stop = time.start(10_000);
let sum = 0;
for (const end = Date.now() + 2000; Date.now() < end;) for (let at = 0; at < 1000; at++) sum += Math.sqrt(sum + at);
encode(stop()).then((data) => writeFileSync('profile.pb.gz', data));
JS
cat >draw.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';
import { FlameDataProcessor } from './node_modules/react-pprof/dist/renderer/FlameDataProcessor.js';
import { formatValue } from './node_modules/react-pprof/dist/renderer/formatters.js';
const profile = Profile.decode(gunzipSync(readFileSync('profile.pb.gz')));
const text = (index) => profile.stringTable.strings[Number(index)];
const at = profile.sampleType.findIndex(({ type }) => text(type) === 'wall');
const unit = text(profile.sampleType[at].unit);
const sum = profile.sample.reduce((all, { value }) => all + Number(value[at]), 0);
console.log(`the file: ${sum} ${unit} of wall time in ${(Number(profile.durationNanos) / 1e9).toFixed(2)} s`);
const processor = new FlameDataProcessor();
const root = processor.processProfile(profile);
const shown = formatValue(root.value, processor.getProfileMetadata());
console.log(`react-pprof: ${shown}, with a factor of ${processor.getProfileMetadata().scaleFactor} that it does not use`);
process.exit(unit === 'microseconds' && sum > 500_000 && shown === `${(sum / 1e6).toFixed(2)}ms` ? 0 : 1);
JS
echo "react-pprof $(node -p "JSON.parse(require('fs').readFileSync('node_modules/react-pprof/package.json')).version"), pprof $(node -p "require('pprof/package.json').version"), node $(node --version)"
node service.js
node draw.mjs
