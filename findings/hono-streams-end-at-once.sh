#!/usr/bin/env bash
# Hono's logger and @hono/prometheus have a few milliseconds for an answer that is sent for a second and a half.
#
# Both take the time until the handler returns. A handler that streams, with `stream()`, `streamSSE()` or a
# `ReadableStream`, returns at once, and the body follows. So a route that reads from a slow database or a
# model for seconds is in the lowest bucket of `http_request_duration_seconds`, "Duration of HTTP requests in seconds",
# and the logger prints some milliseconds. An error in the middle of the body is a 200 in both. A plugin
# that waits for the end of the answer, such as express-prom-bundle, has the whole time. Here the same answer is sent
# by both frameworks, in four parts within 1.5 s, and the client measures it.
#
# Seen with hono 4.13.19, @hono/node-server 2.1.8, @hono/prometheus 1.0.3, express 4.21.2 and express-prom-bundle
# 8.0.0 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they look for the slow routes of a Hono service.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts hono@4.13.19 @hono/node-server@2.1.8 @hono/prometheus@1.0.3 \
  prom-client@15.1.3 express@4.21.2 express-prom-bundle@8.0.0
cat >serve.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { serve } from '@hono/node-server';
import { prometheus } from '@hono/prometheus';
import express from 'express';
import bundle from 'express-prom-bundle';
import { Hono } from 'hono';
import { logger } from 'hono/logger';
import { stream } from 'hono/streaming';
import client from 'prom-client';

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const parts = ['a', 'b', 'c', 'd'];
const logged = [];

const registry = new client.Registry();
const { printMetrics, registerMetrics } = prometheus({ registry });
const hono = new Hono();
hono.use(logger((line) => logged.push(line)));
hono.use(registerMetrics);
hono.get('/metrics', printMetrics);
hono.get('/report', (c) => stream(c, async (body) => {
  for (const part of parts) {
    await pause(375);
    await body.write(part);
  }
}));
const app = express();
app.use(bundle({ includePath: true }));
app.get('/report', async (req, res) => {
  for (const part of parts) {
    await pause(375);
    res.write(part);
  }
  res.end();
});

const measure = async (port) => {
  const url = `http://127.0.0.1:${port}`;
  const start = performance.now();
  const text = await (await fetch(`${url}/report`)).text();
  const took = (performance.now() - start) / 1000;
  await pause(200);
  const page = await (await fetch(`${url}/metrics`)).text();
  const sum = page.split('\n').find((line) => line.includes('_duration_seconds_sum') && line.includes('/report'));
  return { text, took, seconds: Number(sum.split(' ').at(-1)) };
};
const first = serve({ fetch: hono.fetch, port: 0, hostname: '127.0.0.1' }, async ({ port }) => {
  const second = app.listen(0, '127.0.0.1', async () => {
    const a = await measure(port);
    const b = await measure(second.address().port);
    const line = logged.find((text) => text.startsWith('-->') && text.includes('/report'));
    console.log(`hono ${version('hono')}, @hono/prometheus ${version('@hono/prometheus')}, express-prom-bundle ${version('express-prom-bundle')}, node ${process.version}`);
    console.log(`Hono: the client got ${a.text.length} parts in ${a.took.toFixed(2)} s; the metric has ${a.seconds.toFixed(3)} s; the logger: ${line}`);
    console.log(`Express: the client got ${b.text.length} parts in ${b.took.toFixed(2)} s; the metric has ${b.seconds.toFixed(3)} s`);
    const ms = Number(/ (\d+)ms/.exec(line)?.[1]);
    process.exit(a.took > 1.4 && a.seconds < 0.4 && ms < 400 && b.took > 1.4 && b.seconds > 1.4 ? 0 : 1);
  });
});
JS
timeout 50 node serve.mjs
