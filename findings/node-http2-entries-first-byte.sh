#!/usr/bin/env bash
# Node's performance entries of HTTP/2 have a first byte after 584 years, and a mean of all streams that only has the last one.
#
# The documentation of perf_hooks has `timeToFirstByte` in milliseconds, from the start of a stream to its first DATA frame.
# Node never stores that moment, and subtracts the start from 0 in unsigned nanoseconds, so each stream has 1.8e13 ms.
# `streamAverageDuration` should be the mean duration of the streams of a session. At the end of each stream Node sets it
# anew, to the duration of this stream divided by the number of all streams: here it is some 50 ms after nine streams of
# 100 ms and one of 500 ms, and would be 10 ms had the last one been short. `pingRTT`, documented in milliseconds, is in
# nanoseconds. `timeToFirstHeader` and `duration` are right.
#
# Seen with Node 20.20.2 and 24.11.1 (npm's package `node`). Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they measure the calls of one service to another, over gRPC or HTTP/2.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
for version in 20.20.2 24.11.1; do
  npm install --silent --no-audit --no-fund --foreground-scripts --prefix "node$version" "node@$version"
done
cat >calls.js <<'JS'
const http2 = require('node:http2');
const { once } = require('node:events');
const { PerformanceObserver } = require('node:perf_hooks');
const { setTimeout: pause } = require('node:timers/promises');
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const seen = [];
new PerformanceObserver((list) => seen.push(...list.getEntries())).observe({ entryTypes: ['http2'] });
const server = http2.createServer();
server.on('stream', (stream, headers) => {
  stream.respond({ ':status': 200 });
  setTimeout(() => stream.end('answer'), Number(headers[':path'].slice(1)));
});
const call = async (client, ms) => {
  const began = performance.now();
  const stream = client.request({ ':path': `/${ms}` });
  const ended = once(stream, 'close');
  await once(stream, 'data');
  const firstByte = performance.now() - began;
  await ended;
  return { firstByte, took: performance.now() - began };
};
server.listen(0, '127.0.0.1', async () => {
  const client = http2.connect(`http://127.0.0.1:${server.address().port}`);
  await once(client, 'connect');
  const rtt = await new Promise((resolve) => client.ping((error, ms) => resolve(ms)));
  const calls = [];
  for (const ms of [...Array(9).fill(100), 500]) calls.push(await call(client, ms));
  client.close();
  server.close();
  await pause(200);
  // The streams of the client sent no byte of a body, and received six.
  const streams = seen.filter(({ name, detail }) => name === 'Http2Stream' && detail.bytesRead === 6);
  const session = seen.find(({ name, detail }) => name === 'Http2Session' && detail.type === 'client').detail;
  const whole = mean(streams.map(({ duration }) => duration));
  const longest = Math.max(...streams.map(({ duration }) => duration));
  console.log(`node ${process.version}, ${streams.length} streams of a client`);
  console.log(`first byte: ${mean(calls.map((one) => one.firstByte)).toFixed(0)} ms by the event 'data', ${streams[0].detail.timeToFirstByte} ms by Node's entry; first header ${streams[0].detail.timeToFirstHeader.toFixed(1)} ms`);
  console.log(`mean: ${mean(calls.map((one) => one.took)).toFixed(0)} ms measured, ${whole.toFixed(0)} ms by \`duration\`, ${session.streamAverageDuration.toFixed(1)} ms by streamAverageDuration of ${session.streamCount} streams`);
  console.log(`ping: ${rtt.toFixed(3)} ms by its callback, pingRTT ${session.pingRTT}`);
  const years = streams.every(({ detail }) => detail.timeToFirstByte > 1e13);
  const last = Math.abs(session.streamAverageDuration * session.streamCount - longest) < 0.05 * longest;
  process.exit(streams.length === 10 && years && last && whole > 1.5 * session.streamAverageDuration && session.pingRTT > 1e5 * rtt ? 0 : 1);
});
JS
still=0
for version in 20.20.2 24.11.1; do
  "node$version/node_modules/.bin/node" calls.js || still=1
done
exit "$still"
