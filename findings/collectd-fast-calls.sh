#!/usr/bin/env bash
# collectd does not count a call that took less than a millisecond, and cuts off the fraction of each longer one.
#
# The statsd plugin of collectd takes a duration as whole milliseconds: `1.9|ms` is 1 ms in the average, the
# sum and the percentiles. `0.9|ms` is 0, and the plugin drops durations of 0, so the call is not even in
# `count`. Clients such as hot-shots, lynx and statsd-client send fractions. A timer of a cache
# that answers within 0.9 ms nine times in ten, and in 20 ms else, has a tenth of the calls, and an
# average of 20 ms in place of 2.8. A counter beside it counts all. The manual ignores values "less than
# 0.001", without a unit; in the protocol the unit is the millisecond. It has nothing about fractions.
#
# Seen with collectd 5.12.0 (Debian 5.12.0-14) on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they time fast calls: the cache, a lookup, the time that a request waits for the event loop.
set -euo pipefail
scratch=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; wait $server 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
apt-get download -qq collectd-core=5.12.0-14 2>/dev/null
dpkg -x collectd-core_*.deb root
port=$(node -e "const s = require('dgram').createSocket('udp4'); s.bind(0, '127.0.0.1', () => { console.log(s.address().port); s.close(); })")
cat >collectd.conf <<CONF
Hostname "host"
FQDNLookup false
BaseDir "$scratch"
PIDFile "$scratch/pid"
PluginDir "$scratch/root/usr/lib/collectd"
TypesDB "$scratch/root/usr/share/collectd/types.db"
Interval 2
LoadPlugin logfile
<Plugin logfile>
  File "$scratch/log"
</Plugin>
LoadPlugin csv
<Plugin csv>
  DataDir "$scratch/csv"
</Plugin>
LoadPlugin statsd
<Plugin statsd>
  Host "127.0.0.1"
  Port "$port"
  CounterSum true
  TimerCount true
  TimerSum true
</Plugin>
CONF
root/usr/sbin/collectd -f -C collectd.conf 2>/dev/null &
server=$!
cat >send.js <<'JS'
const { createSocket } = require('node:dgram');
const { existsSync, readdirSync, readFileSync } = require('node:fs');
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const port = Number(process.argv[2]);
// 100 calls to a cache and 100 calls that all take 1.9 ms. One datagram holds everything, so that one
// interval of collectd has all of it.
const cache = [...Array(90).fill(0.9), ...Array(10).fill(20)];
const steady = Array(100).fill(1.9);
const lines = [...cache.flatMap((ms) => [`cache:${ms}|ms`, 'calls:1|c']), ...steady.map((ms) => `steady:${ms}|ms`)].join('\n');
const folder = 'csv/host/statsd';
// The first row in which a file has a number above 0.
const first = (name) => {
  const file = existsSync(folder) && readdirSync(folder).find((file) => file.startsWith(`${name}-2`));
  const rows = file ? readFileSync(`${folder}/${file}`, 'utf8').trim().split('\n').slice(1) : [];
  return rows.map((row) => Number(row.split(',')[1])).find((value) => value > 0);
};
const read = (timer) => ({
  count: first(`gauge-${timer}-count`),
  average: 1000 * first(`latency-${timer}-average`),
  sum: 1000 * first(`latency-${timer}-sum`),
});
(async () => {
  while (!existsSync('log') || !readFileSync('log', 'utf8').includes('Listening')) await pause(100);
  const socket = createSocket('udp4');
  socket.send(lines, port, '127.0.0.1', () => socket.close());
  for (let wait = 0; wait < 200 && !['latency-cache-sum', 'latency-steady-sum', 'count-calls'].every(first); wait++) await pause(100);
  await pause(300);
  const mean = (list) => list.reduce((sum, ms) => sum + ms, 0) / list.length;
  const seen = { cache: read('cache'), steady: read('steady') };
  for (const [name, sent] of Object.entries({ cache, steady })) {
    const { count, average, sum } = seen[name];
    console.log(`${name}: ${sent.length} calls of ${mean(sent).toFixed(2)} ms sent; count ${count}, average ${average.toFixed(2)} ms, sum ${sum.toFixed(1)} ms`);
  }
  console.log(`counter: ${first('count-calls')}`);
  const near = (value, other) => Math.abs(value - other) < 0.01;
  const still = first('count-calls') === 100 && seen.cache.count === 10 && near(seen.cache.average, 20) && seen.steady.count === 100;
  process.exit(still && near(seen.steady.average, 1) && near(seen.steady.sum, 100) ? 0 : 1);
})();
JS
echo "collectd $(dpkg-deb -f collectd-core_*.deb Version), node $(node --version)"
node send.js "$port"
