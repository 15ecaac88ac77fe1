#!/usr/bin/env bash
# collectd makes a timer that is sampled at a tenth ten times as long.
#
# A service under load sends one duration in ten, marked `|ms|@0.1`, to say that nine more were not sent.
# The statsd plugin of collectd divides the duration by the rate, as is right for a counter: 100 ms become
# one second in the average, the percentiles, the shortest and the longest. The count is that of the
# sampled ones, a tenth of the calls. Only the sum is right, since the two mistakes cancel each other in
# it. The manual of the plugin has no word about the rate of a timer.
#
# Seen with collectd 5.12.0 (Debian 5.12.0-14) on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they turn sampling on for a load test: the route seems ten times as slow.
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
  TimerPercentile 90
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
// 100 calls of 100 ms each: all of them in one timer, and every tenth in the other. One datagram holds
// everything, so that one interval of collectd has both.
const lines = [...Array(100).fill('all:100|ms'), ...Array(10).fill('sampled:100|ms|@0.1')].join('\n');
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
  p90: 1000 * first(`latency-${timer}-percentile-90`),
  sum: 1000 * first(`latency-${timer}-sum`),
});
(async () => {
  while (!existsSync('log') || !readFileSync('log', 'utf8').includes('Listening')) await pause(100);
  const socket = createSocket('udp4');
  socket.send(lines, port, '127.0.0.1', () => socket.close());
  for (let wait = 0; wait < 200 && !(first('latency-all-sum') && first('latency-sampled-sum')); wait++) await pause(100);
  await pause(300);
  const all = read('all');
  const sampled = read('sampled');
  for (const [name, timer] of Object.entries({ all, sampled })) {
    console.log(`${name}: count ${timer.count}, average ${timer.average.toFixed(0)} ms, p90 ${timer.p90.toFixed(0)} ms, sum ${timer.sum.toFixed(0)} ms`);
  }
  const still = all.count === 100 && Math.round(all.average) === 100 && sampled.count === 10 && Math.round(sampled.average) === 1000;
  process.exit(still && sampled.p90 > 900 && Math.round(sampled.sum) === Math.round(all.sum) ? 0 : 1);
})();
JS
echo "collectd $(dpkg-deb -f collectd-core_*.deb Version); 100 calls of 100 ms, all sent or every tenth with @0.1"
node send.js "$port"
