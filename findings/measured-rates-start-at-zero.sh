#!/usr/bin/env bash
# The one-minute rates of measured-core and @pm2/io are less than half of the true rate after 30 s.
#
# Both packages keep a moving average that starts at 0 instead of at the first rate they saw, so the
# time before the service started counts as time without requests. With 100 requests a second from
# the first moment on, the "1MinuteRate" is 39 after 30 s and 63 after a minute, and the
# "15MinuteRate" is 12 after two minutes. Nothing marks them as incomplete. The documentation of
# @pm2/io states that a meter is "the number of events per second over the last minute". `mean` of
# measured-core is right. With measured-core's option `tickInterval`, "the interval in which the
# averages are updated", the averages are still updated every 5 s, and only the divisor changes: with
# 1,000 ms the rates rise to five times the true rate.
#
# Seen with measured-core 2.0.0 and @pm2/io 6.1.0 on Node 20. The clock is replaced, so the machine's speed
# does not matter. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they compare the rate of a service with that of a load generator.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts measured-core@2.0.0 @pm2/io@6.1.0
cat >rates.js <<'JS'
let now = 0;
const timers = [];
globalThis.setInterval = (run, every) => {
  const timer = { run, every, next: now + every, ref() {}, unref() {} };
  timers.push(timer);
  return timer;
};
process.hrtime = Object.assign(() => [Math.floor(now / 1000), (now % 1000) * 1e6], { bigint: () => BigInt(now) * 1000000n });
const { Meter } = require('measured-core');
const PmMeter = require('@pm2/io/build/main/utils/metrics/meter').default;
const plain = new Meter();
const ticking = new Meter({ tickInterval: 1000 });
const pm = new PmMeter();
const version = (name) => require(`${name}/package.json`).version;
console.log(`measured-core ${version('measured-core')}, @pm2/io ${version('@pm2/io')}, node ${process.version}; 100 requests a second`);
const seen = {};
for (let step = 1; step <= 30000; step++) {
  now += 10;
  for (const meter of [plain, ticking, pm]) meter.mark();
  for (const timer of timers) {
    if (timer.next > now) continue;
    timer.next += timer.every;
    timer.run();
  }
  if (![30, 60, 120, 300].includes(now / 1000)) continue;
  const { mean, ...rates } = plain.toJSON();
  const row = { mean, one: rates['1MinuteRate'], fifteen: rates['15MinuteRate'], tick: ticking.toJSON()['1MinuteRate'], pm: pm.val() };
  seen[now / 1000] = row;
  const text = (rate) => rate.toFixed(0);
  console.log(
    `after ${now / 1000} s: mean ${text(mean)}, 1MinuteRate ${text(row.one)}, 15MinuteRate ${text(row.fifteen)}, ` +
      `1MinuteRate with a tickInterval of 1 s ${text(row.tick)}, @pm2/io ${text(row.pm)}`,
  );
}
const at = seen[30];
const still = Object.values(seen).every(({ mean }) => Math.abs(mean - 100) < 1) && at.one < 45 && at.pm < 45 && seen[120].fifteen < 15;
process.exit(still && seen[300].one > 98 && seen[300].tick > 300 ? 0 : 1);
JS
node rates.js
