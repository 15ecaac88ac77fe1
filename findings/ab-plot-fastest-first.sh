#!/usr/bin/env bash
# A plot of the file that ab writes for gnuplot rises to its end, even for a server that became faster.
#
# `ab -g` writes "all measured values" as a table that "can easily be imported into packages like Gnuplot". The manual page has
# no word about their order. ab sorts the answers by their time before it writes them, so the number of the row, which is
# the x axis of the usual `plot "out.tsv" using 5`, is a rank and not a time. Here a server answers the first 200 requests in
# 80 ms, and the 800 others in 5 ms, as a process does that warms up. The last fifth of the rows has the slow answers, so
# the plot shows a server that breaks down at the end of the test. The column `seconds` has the second of each start;
# sorted by it, the slow answers come first.
#
# Seen with ab 2.3 (Debian's apache2-utils 2.4.71). Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they draw a load test by ab.
set -euo pipefail
scratch=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
apt-get download -qq apache2-utils libapr1 libaprutil1 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" root; done
libraries=$(dirname "$(find root -name 'libapr-1.so.0' | head -1)")
cat >server.js <<'JS'
let number = 0;
require('http')
  .createServer((request, response) => {
    number += 1;
    setTimeout(() => response.end('hello'), number <= 200 ? 80 : 5);
  })
  .listen(0, '127.0.0.1', function listening() {
    require('fs').writeFileSync('port.new', String(this.address().port));
    require('fs').renameSync('port.new', 'port');
  });
JS
node server.js &
server=$!
until [ -f port ]; do sleep 0.05; done
LD_LIBRARY_PATH=$libraries root/usr/bin/ab -q -n 1000 -c 10 -g out.tsv "http://127.0.0.1:$(cat port)/" >report.txt
echo "$(LD_LIBRARY_PATH=$libraries root/usr/bin/ab -V | head -1), package $(dpkg-deb -f apache2-utils_*.deb Version)"
grep 'Complete requests' report.txt
cat >fifths.js <<'JS'
const rows = require('fs').readFileSync('out.tsv', 'utf8').trim().split('\n').slice(1).map((line) => line.split('\t'));
const means = (sorted) => [0, 1, 2, 3, 4].map((fifth) => {
  const part = sorted.slice(fifth * 200, fifth * 200 + 200);
  return part.reduce((sum, row) => sum + Number(row[4]), 0) / part.length;
});
const written = means(rows);
const begun = means([...rows].sort((a, b) => Number(a[1]) - Number(b[1])));
const show = (values) => values.map((value) => `${value.toFixed(0)} ms`).join(', ');
console.log(`means of each fifth of ${rows.length} rows, as written: ${show(written)}`);
console.log(`in the order of the second in which they began: ${show(begun)}`);
const rises = written.every((value, fifth) => fifth === 0 || value >= written[fifth - 1]);
process.exit(rises && written[4] >= 80 && written[0] < 60 && begun[0] > begun[4] ? 0 : 1);
JS
node fifths.js
