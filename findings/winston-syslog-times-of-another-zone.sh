#!/usr/bin/env bash
# winston-syslog's lines of RFC 5424 are nine hours too early in Seoul, and up to 0.9 s too late everywhere.
#
# A time of RFC 5424 is that of a clock with the clock's offset from UTC, such as 14:53:16.045+09:00. The transport
# writes its lines with glossy, which takes the hours of UTC and puts the offset of the process's time zone behind
# them: 05:53:16+09:00, which is a moment nine hours before. In Lima it is five hours after. In UTC the moment is
# right, except for its fraction: milliseconds below 100 have two digits (`.45` for 45 ms, which means 450 ms), so
# lines that were logged in order do not stay so. `type: 'BSD'`, the default, has the time of the local clock without
# an offset or a fraction, and is right.
#
# Seen with winston-syslog 2.7.1, glossy 0.1.7, winston 3.19.0 on Node 20. Exit code 0: still so. 1: it changed.
# Users meet it when they look in a log for the errors within a load test, and find none or those of another time.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts winston-syslog@2.7.1 winston@3.19.0 glossy@0.1.7
cat >log.js <<'JS'
const { createSocket } = require('node:dgram');
const { once } = require('node:events');
const winston = require('winston');
const { Syslog } = require('winston-syslog');
const { Produce } = require('glossy');
(async () => {
  const receiver = createSocket('udp4').bind(0, '127.0.0.1');
  await once(receiver, 'listening');
  const send = async (type) => {
    const transport = new Syslog({ type, protocol: 'udp4', host: '127.0.0.1', port: receiver.address().port, localhost: 'web-1', app_name: 'api' });
    const logger = winston.createLogger({ format: winston.format.simple(), transports: [transport] });
    const received = once(receiver, 'message');
    const began = Date.now();
    logger.error('lost the database');
    const line = String((await received)[0]).trim();
    transport.close();
    return { line, began };
  };
  const { line, began } = await send('5424');
  const hours = Math.round((Date.parse(line.match(/\d{4}-\S+/)[0]) - began) / 360000) / 10;
  const bsd = await send('BSD');
  const local = new Date(`${bsd.line.match(/>(\w{3} +\d+ [\d:]+)/)[1]} ${new Date(bsd.began).getFullYear()}`);
  const bsdHours = Math.round((local - bsd.began) / 360000) / 10;
  const fractions = [5, 45, 450].map((ms) => {
    const date = new Date(Date.UTC(2026, 10, 30, 5, 53, 16, ms));
    const written = new Produce({ host: 'web-1' }).produce({ facility: 'user', severity: 'error', message: 'x', date }).match(/T\S+/)[0];
    return Number(written.match(/\.\d+/)[0]) * 1000;
  });
  console.log(`${process.env.TZ}: ${line}\n  ${hours} h off; type BSD: ${bsdHours} h off; 5, 45 and 450 ms are written as ${fractions.join(', ')} ms`);
  receiver.close();
  const right = process.env.TZ === 'UTC' ? hours === 0 : hours === Number(process.argv[2]);
  process.exit(right && bsdHours === 0 && fractions.join() === '50,450,450' ? 0 : 1);
})();
JS
for name in winston-syslog glossy winston; do node -p "'$name ' + JSON.parse(require('fs').readFileSync('node_modules/$name/package.json')).version"; done
TZ=UTC node log.js
TZ=Asia/Seoul node log.js -9
TZ=America/Lima node log.js 5
