#!/usr/bin/env bash
# pprof-format reads a negative value of a pprof profile as one of 18 quintillion.
#
# A profile that is the difference of two (`go tool pprof -proto -diff_base`) has values
# below 0 for what became cheaper: the field is an int64. pprof-format, which Datadog's and
# Pyroscope's libraries for Node use, writes -5 as the format demands, and reads it back as an
# unsigned number, 2^64 - 5, with no error. It reads small numbers as numbers and this one as a
# BigInt, so that a sum over samples throws, or is far from the truth. protobufjs, which
# reads the same bytes by the same field, has -5.
#
# Seen with pprof-format 2.3.2, protobufjs 7.5.4. Exit code 0: still so. 1: it changed.
# Users meet it when a script in JavaScript reads the comparison of two builds.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts pprof-format@2.3.2 protobufjs@7.5.4
cat >differ.js <<'JS'
const { Profile, Function, Location, Line, Sample, ValueType, StringTable } = require('pprof-format');
const protobuf = require('protobufjs');
const stringTable = new StringTable();
const text = (value) => stringTable.dedup(value);
const profile = new Profile({
  stringTable,
  sampleType: [new ValueType({ type: text('samples'), unit: text('count') })],
  function: ['cheaper', 'dearer'].map((name, at) => new Function({ id: at + 1, name: text(name) })),
  location: [1, 2].map((id) => new Location({ id, line: [new Line({ functionId: id, line: 1 })] })),
  sample: [-5, 7].map((value, at) => new Sample({ locationId: [at + 1], value: [value] })),
});
const bytes = profile.encode();
const read = Profile.decode(bytes).sample.map(({ value }) => value[0]);
const { root } = protobuf.parse(`syntax = "proto3";
  message Sample { repeated uint64 location_id = 1; repeated int64 value = 2; }
  message Profile { repeated Sample sample = 2; }`);
const peer = root.lookupType('Profile').decode(bytes).sample.map(({ value }) => Number(value[0]));
console.log('written -5, 7; pprof-format reads', read, 'protobufjs reads', peer);
process.exit(BigInt(read[0]) === 2n ** 64n - 5n && read[1] === 7 && peer[0] === -5 && peer[1] === 7 ? 0 : 1);
JS
echo "pprof-format $(node -p "require('pprof-format/package.json').version")"
node differ.js
