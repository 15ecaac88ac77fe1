#!/usr/bin/env bash
# @datadog/pprof writes two different things into the line of a location, and does not say
# which: by default the line where a function begins, with `lineNumbers: true` the line that
# ran. Functions of one name in one file share a record either way. A reader sees one
# function with several lines in both cases.
#
# Seen with @datadog/pprof 5.14.4 on Node 20. Users meet it when they look at a profile of a
# minified bundle: `go tool pprof -top` adds up all methods of one name.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent @datadog/pprof@5.14.4 pprof-format@2.2.1
cat >program.js <<'JS'
const pprof = require('@datadog/pprof');
class A { run() { let x = 0; for (let i = 0; i < 2e6; i++) x += Math.sqrt(i); return x; } }
class B {
  run() {
    let x = 0;
    for (let i = 0; i < 1e6; i++) x += Math.sqrt(i);
    for (let i = 0; i < 1e6; i++) x += Math.log1p(i);
    return x;
  }
}
const lines = lineNumbers => {
  pprof.time.start({ intervalMicros: 1000, durationMillis: 9999, lineNumbers, withContexts: false });
  const end = Date.now() + 700;
  while (Date.now() < end) { new A().run(); new B().run(); }
  const profile = pprof.time.stop();
  const text = number => profile.stringTable.strings[Number(number)];
  const records = profile.function.filter(it => text(it.name) === 'run');
  const ids = records.map(it => it.id);
  const all = profile.location.flatMap(it => it.line).filter(it => ids.includes(it.functionId));
  const places = [...new Set(all.map(it => Number(it.line)))].sort((a, b) => a - b);
  console.log(`lineNumbers: ${lineNumbers}: ${records.length} record called run, lines ${places}`,
    `start_line ${records.map(it => Number(it.startLine))}`);
  return { records, places };
};
const defined = lines(false), ran = lines(true);
const unmarked = [...defined.records, ...ran.records].every(it => Number(it.startLine) === 0);
const both = defined.records.length === 1 && ran.records.length === 1;
process.exit(unmarked && both && defined.places.length > 1 && ran.places.length > 1 ? 0 : 1);
JS
node --version
node program.js
echo 'SEEN: one record with several lines, of two functions or of one, and no mark which'
