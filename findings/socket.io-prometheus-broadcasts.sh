#!/usr/bin/env bash
# socket.io-prometheus counts none of the events of `io.emit`, and an event with two listeners twice.
#
# The README has `socket_io_events_sent_total` as the "Total count of socket.io sent events", and the bytes beside it.
# The package wraps `emit` of each socket. `io.emit`, `io.to(room).emit` and `socket.broadcast.emit`, by which one event
# goes to many clients, do not call it, so what makes most of the load of a chat or a ticker has no metric. An event
# that arrives is counted in each of its listeners, so one that is logged and handled is two. Here three clients receive
# 60 events, and 10 are counted.
#
# Seen with socket.io-prometheus 0.3.0, socket.io 4.8.4 and prom-client 14.2.0 on Node 20. Exit code 0: still so.
# 1: the behaviour changed.
# Users meet it when they compare the events of a service under load with those that its clients received.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --prefer-offline --ignore-scripts socket.io-prometheus@0.3.0 socket.io@4.8.4 socket.io-client@4.8.4 prom-client@14.2.0
cat >service.js <<'JS'
const { readFileSync } = require('node:fs');
const { setTimeout: pause } = require('node:timers/promises');
const { Server } = require('socket.io');
const { io: connect } = require('socket.io-client');
const client = require('prom-client');
for (const name of ['socket.io-prometheus', 'socket.io']) {
  console.log(`${name} ${JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version}, node ${process.version}`);
}
const io = new Server();
require('socket.io-prometheus')(io);
let asked = 0;
io.on('connect', (socket) => {
  socket.on('ask', () => { asked++; socket.emit('answer', 'yes'); });
  socket.on('say', () => {});
  socket.on('say', (text) => socket.broadcast.emit('said', text));
});
io.listen(0);
const received = { answer: 0, said: 0, news: 0 };
const open = () => new Promise((done) => {
  const socket = connect(`http://127.0.0.1:${io.httpServer.address().port}`, { transports: ['websocket'] });
  socket.onAny((event) => { received[event]++; });
  socket.on('connect', () => done(socket));
});
(async () => {
  const [first] = await Promise.all([open(), open(), open()]);
  for (let at = 0; at < 10; at++) {
    first.emit('ask');
    first.emit('say', 'hello');
    io.emit('news', 'text');
  }
  for (let at = 0; at < 100 && received.answer + received.said + received.news < 60; at++) await pause(100);
  const text = await client.register.metrics();
  const counted = (metric) => Object.fromEntries([...text.matchAll(new RegExp(`^socket_io_events_${metric}_total{event="(\\w+)"} (\\d+)`, 'gm'))].map(([, event, count]) => [event, Number(count)]));
  const sent = counted('sent');
  const arrived = counted('received');
  console.log('received by the clients:', JSON.stringify(received), '; sent by the metric:', JSON.stringify(sent));
  console.log(`received by the service: ask ${asked}, say 10; by the metric:`, JSON.stringify(arrived));
  const right = received.answer === 10 && received.said === 20 && received.news === 30 && asked === 10 && sent.answer === 10 && arrived.ask === 10;
  process.exit(right && Object.keys(sent).length === 1 && arrived.say === 20 ? 0 : 1);
})();
JS
node service.js
