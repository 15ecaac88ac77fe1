#!/usr/bin/env bash
# Node's performance entries of fetch() have a connection that took 0 ms, however long it took.
#
# A PerformanceObserver of the type `resource` has an entry for each fetch() with the times of the Resource Timing
# specification: lookup of the name, connection, TLS handshake, request, answer. `duration`, `requestStart` and
# what follows are right. `domainLookupStart`, `domainLookupEnd`, `connectStart`, `secureConnectionStart` and
# `connectEnd` are all the moment at which fetch() was called. Here a server answers at once, and each new
# connection to it waits half a second before its TLS handshake. The entry has a handshake of 0 ms, and a gap of
# half a second between the connection and the request. The socket's own event `secureConnect`, in a request of
# node:https to the same server, comes after half a second.
#
# Seen with Node 20.20.2 and 24.11.1 (npm's package `node`). Exit code 0: still so. 1: it changed. Needs openssl.
# Users meet it when they ask why calls to another service are slow under load: the entries say that connecting is
# free.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost 2>/dev/null
cat >service.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { createServer, get } from 'node:https';
import { connect, createServer as createProxy } from 'node:net';
import { PerformanceObserver, performance } from 'node:perf_hooks';
const WAIT_MS = 500;
const listen = (server) => new Promise((done) => server.listen(0, '127.0.0.1', () => done(server.address().port)));
const server = createServer({ key: readFileSync('key.pem'), cert: readFileSync('cert.pem') }, (request, response) => response.end('ok'));
const port = await listen(server);
// What waits in front of the server: a proxy, or a full queue of connections.
const proxy = createProxy((socket) => {
  socket.on('error', () => {});
  setTimeout(() => socket.pipe(connect(port, '127.0.0.1').on('error', () => {})).pipe(socket), WAIT_MS);
});
const url = `https://127.0.0.1:${await listen(proxy)}/`;
const entries = [];
new PerformanceObserver((list) => entries.push(...list.getEntries())).observe({ type: 'resource' });
const began = performance.now();
await (await fetch(url)).text();
const fetched = performance.now() - began;
const own = await new Promise((done) => {
  const from = performance.now();
  get(url, { agent: false, rejectUnauthorized: false }, (response) => response.resume()).on('socket', (socket) => {
    socket.once('secureConnect', () => done(performance.now() - from));
  });
});
await new Promise((done) => setTimeout(done, 100));
const [{ startTime, duration, domainLookupEnd, connectStart, secureConnectionStart, connectEnd, requestStart }] = entries;
const ms = (number) => `${number.toFixed(0)} ms`;
console.log(`node ${process.version}: secureConnect after ${ms(own)}; fetch() took ${ms(fetched)}`);
console.log(`  its entry: duration ${ms(duration)}, connectEnd - connectStart ${ms(connectEnd - connectStart)}, requestStart - connectEnd ${ms(requestStart - connectEnd)}`);
const atStart = [domainLookupEnd, connectStart, secureConnectionStart, connectEnd].every((time) => time === startTime);
process.exit(own > WAIT_MS - 5 && duration > WAIT_MS - 5 && atStart && requestStart - connectEnd > WAIT_MS - 5 ? 0 : 1);
JS
for version in 20.20.2 24.11.1; do
  mkdir "$version"
  (cd "$version" && npm init -y >/dev/null && npm install --silent --no-audit --no-fund "node@$version")
  NODE_TLS_REJECT_UNAUTHORIZED=0 NODE_NO_WARNINGS=1 "$version/node_modules/.bin/node" service.mjs
done
