#!/usr/bin/env bash
# nstats counts the bytes of a WebSocket again when its client leaves, and prints bytes as packets a second.
#
# nstats has totals of a server with WebSockets for graphs: "packets" are requests. Each second it adds up the bytes
# of the sockets that are open and takes the difference from the last sum without its sign. When a client leaves, the
# sum falls by all that it ever got, and that is added as new traffic: here one client gets 10 MB and leaves, and the
# server has sent 20 MB. The difference for `packetsSecond` is taken from the sum of bytes instead of the requests,
# so an idle client that once got 10 MB is about ten million packets a second, without one request. Five requests a
# second without WebSockets are right.
#
# Seen with nstats 7.1.1 and ws 8.21.1 on Node 20. Exit code 0: still so. 1: the behaviour changed. Users meet it in
# the traffic graphs of a chat or a live page under load, most of all when its users leave.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts --legacy-peer-deps nstats@7.1.1 ws@8.21.1
cat >server.js <<'JS'
const http = require('node:http');
const { readFileSync } = require('node:fs');
const WebSocket = require('ws');
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
console.log(`nstats ${version('nstats')}, ws ${version('ws')}, node ${process.version}`);
let sent = 0;
const server = http.createServer((request, response) => stats.express()(request, response, () => response.end('ok')));
server.on('connection', (socket) => socket.on('close', () => { sent += socket.bytesWritten; }));
const sockets = new WebSocket.Server({ server });
sockets.on('connection', (socket) => socket.send(Buffer.alloc(10e6)));
const stats = require('nstats')({ ws: sockets, httpServer: server, server_version: '1.0.0' });
// The script asks for each calculation, so that the load of the machine plays no part.
stats.interval = 0;
const calculate = async () => {
  await new Promise((done) => setTimeout(done, 1000));
  await new Promise((done) => stats.calc(done));
  const { packetsSecond, totalPackets, totalMBytesWritten } = stats.data;
  return { packetsSecond, totalPackets, totalMBytesWritten };
};
server.listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  await calculate();
  await Promise.all(Array.from({ length: 5 }, async () => (await fetch(`http://127.0.0.1:${port}/`)).text()));
  const requests = await calculate();
  const client = new WebSocket(`ws://127.0.0.1:${port}`);
  await new Promise((done) => client.on('message', done));
  await calculate();
  const idle = await calculate();
  client.close();
  await new Promise((done) => client.on('close', done));
  const left = await calculate();
  console.log('five requests, no WebSocket:  ', requests);
  console.log('a client got 10 MB and idles: ', idle);
  console.log('it left:                      ', left, `; the server's sockets had ${(sent / 1048576).toFixed(2)} MB`);
  const control = Number(requests.packetsSecond) > 0 && Number(requests.packetsSecond) < 6 && idle.totalMBytesWritten < 9.6;
  const twice = left.totalMBytesWritten > 19 && sent < 10.1e6;
  process.exit(control && twice && Number(idle.packetsSecond) > 1e5 && idle.totalPackets === 5 ? 0 : 1);
});
JS
node server.js
