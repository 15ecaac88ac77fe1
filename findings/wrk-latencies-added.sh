#!/usr/bin/env bash
# wrk puts latencies that it never measured among its percentiles, mean and deviation.
#
# At the end of a test wrk takes the mean time between two requests of a connection as the pace
# that each connection should have kept. For every latency of twice that pace or more it adds a row
# of shorter ones, one pace apart, as if further requests had waited behind the slow one. No option
# turns it on or off, and nothing is printed about it. It makes up for waits of a client that sends
# at a fixed rate; wrk sends when the answer is there, and sent nothing meanwhile. Here nine
# answers in ten of each connection take 10 ms and the tenth takes 1 s. Nine tenths of the requests
# are short, but wrk's 75th percentile is half a second, and its mean is over twice the true one.
#
# Seen with wrk 4.1.0 (Debian 4.1.0-3+b2). Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they compare wrk with another tool or with the times in the server's log.
set -euo pipefail
scratch=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
apt-get download -qq wrk=4.1.0-3+b2 libluajit-5.1-2 libluajit-5.1-common 2>/dev/null
for package in *.deb; do dpkg -x "$package" root; done
library=$(dirname "$(find root -name 'libluajit-5.1.so.2' | sed -n 1p)")
wrk() { LD_LIBRARY_PATH="$scratch/$library" root/usr/bin/wrk "$@"; }
cat >server.js <<'JS'
const { createServer } = require('node:http');
const times = [];
createServer((req, res) => {
  if (req.url === '/times') return res.end(JSON.stringify(times));
  const began = performance.now();
  const turn = (req.socket.turn = (req.socket.turn ?? 0) + 1);
  res.on('finish', () => times.push(performance.now() - began));
  setTimeout(() => res.end('ok'), turn % 10 === 0 ? 1000 : 10);
}).listen(0, '127.0.0.1', function () { console.log(this.address().port); });
JS
node server.js >port &
server=$!
until [[ -s port ]]; do sleep 0.1; done
url=http://127.0.0.1:$(cat port)
{ wrk -v || true; } | sed -n 1p
wrk -t1 -c4 -d12s --latency "$url/" | tee wrk.txt
cat >compare.mjs <<'JS'
import { readFileSync } from 'node:fs';
const text = readFileSync('wrk.txt', 'utf8');
const ms = (pattern) => {
  const [, number, unit] = pattern.exec(text);
  return Number(number) * { us: 0.001, ms: 1, s: 1000 }[unit];
};
const times = (await (await fetch(`${process.argv[2]}/times`)).json()).sort((a, b) => a - b);
const at = (share) => times[Math.floor(share * times.length)];
const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
const p75 = ms(/75%\s+([\d.]+)([a-z]+)/);
const average = ms(/Latency\s+([\d.]+)([a-z]+)/);
console.log(`server: ${times.length} answers, mean ${mean.toFixed(0)} ms, p75 ${at(0.75).toFixed(0)} ms, longest ${times.at(-1).toFixed(0)} ms`);
console.log(`wrk: mean ${average.toFixed(0)} ms, p75 ${p75.toFixed(0)} ms`);
process.exit(p75 > 4 * at(0.75) && p75 > 300 && average > 1.5 * mean ? 0 : 1);
JS
node compare.mjs "$url"
