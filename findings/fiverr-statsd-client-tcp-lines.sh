#!/usr/bin/env bash
# @fiverr/statsd-client over TCP glues the last metric of each packet to the first of the next, and both become another.
#
# The client gathers metrics and sends them once a second or when 576 bytes are full, joined by line breaks. By UDP
# each datagram is a packet of its own. By TCP, which the README lists beside UDP, the packets are one stream, and the
# client writes no line break at the end of a packet: `request:15|ms` and `errors:1|c` arrive as the one line
# `request:15|mserrors:1|c`. statsd takes the unknown type for a count, and adds 15 and 1 to a counter `request`. Of five
# packets with a count of one error and a duration of 15 ms each, statsd has one error, no duration, and a counter
# `request` of 64, which nobody sent. It counts no bad line. By UDP the same calls arrive whole.
#
# Seen with @fiverr/statsd-client 1.1.2 and statsd 0.9.0 on Node 20. Exit code 0: still so. 1: it changed.
# Users meet it when they use TCP so that no metric is lost under load.
set -euo pipefail
scratch=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @fiverr/statsd-client@1.1.2 statsd@0.9.0
read -r udp tcp management < <(node -e "
const net = require('net');
const servers = [0, 0, 0].map(() => net.createServer().listen(0, '127.0.0.1'));
setTimeout(() => { console.log(servers.map((one) => one.address().port).join(' ')); servers.forEach((one) => one.close()); }, 200);")
cat >config.js <<JS
{ servers: [{ server: './servers/udp', address: '127.0.0.1', port: $udp }, { server: './servers/tcp', address: '127.0.0.1', port: $tcp }],
  mgmt_address: '127.0.0.1', mgmt_port: $management, flushInterval: 60000, backends: [] }
JS
node node_modules/statsd/bin/statsd config.js >statsd.log 2>&1 &
server=$!
cat >send.js <<'JS'
const { readFileSync } = require('node:fs');
const net = require('node:net');
const { setTimeout: sleep } = require('node:timers/promises');
const Client = require('@fiverr/statsd-client');
const [udp, tcp, management] = process.argv.slice(2).map(Number);
const ask = (command) => new Promise((resolve, reject) => {
  let text = '';
  const socket = net.connect(management, '127.0.0.1', () => socket.write(`${command}\n`));
  socket.on('error', reject).on('data', (chunk) => {
    text += chunk;
    if (text.includes('END')) { socket.end(); resolve(text.split('END')[0]); }
  });
});
const send = async (protocol, port) => {
  const client = new Client({ host: '127.0.0.1', port, protocol, prefix: protocol.toLowerCase(), timeout: 50 });
  for (let round = 0; round < 5; round++) {
    client.count('errors', 1);
    client.time('request', 15);
    await sleep(300);
  }
};
(async () => {
  const version = (name) => `${name} ${JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version}`;
  console.log(`${version('@fiverr/statsd-client')}, ${version('statsd')}, node ${process.version}`);
  for (let tries = 0; tries < 50 && !(await ask('counters').catch(() => '')); tries++) await sleep(100);
  await send('UDP', udp);
  await send('TCP', tcp);
  await sleep(4000); // The client closes its connection after three seconds.
  const [counters, timers] = [await ask('counters'), await ask('timers')];
  const found = ['udp', 'tcp'].map((name) => ({
    counted: Number(counters.match(new RegExp(`'${name}\\.errors': (\\d+)`))?.[1] ?? 0),
    stray: Number(counters.match(new RegExp(`'${name}\\.request': (\\d+)`))?.[1] ?? 0),
    timed: timers.match(new RegExp(`'${name}\\.request': \\[([^\\]]*)\\]`))?.[1].split(',').length ?? 0,
  }));
  console.log(`counted and timed 5 times each; statsd has by UDP ${JSON.stringify(found[0])}, by TCP ${JSON.stringify(found[1])}`);
  const [byUdp, byTcp] = found;
  process.exit(byUdp.counted === 5 && byUdp.timed === 5 && byUdp.stray === 0 && byTcp.counted < 3 && byTcp.timed < 3 && byTcp.stray > 15 ? 0 : 1);
})();
JS
node send.js "$udp" "$tcp" "$management"
