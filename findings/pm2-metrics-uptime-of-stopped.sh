#!/usr/bin/env bash
# pm2-metrics reports a growing uptime for a process that was stopped, and memory in two units on one page.
#
# The exporter for Prometheus has `pm2_uptime` with the help "Process uptime". It is the time since PM2 last started the
# process, whether the process still runs or not: a service that was stopped seems to have run longer with each scrape.
# PM2's own list has 0 for it. `pm2_memory` is in bytes, and `pm2_used_heap_size` beside it in MiB, because the number is
# taken out of the text "6.7 MiB" of PM2's monitor and the unit is dropped; neither name nor help has one. The share
# of the heap in the memory, which the two are made for, is a hundred-thousandth of a per cent.
#
# Seen with pm2-metrics 1.0.47 and pm2 6.0.14 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they watch a service through a load test in Grafana.
set -euo pipefail
scratch=$(mktemp -d)
exporter=
cd "$scratch"
export PM2_HOME=$scratch/home
trap 'kill $exporter 2>/dev/null || true; node_modules/.bin/pm2 kill >/dev/null 2>&1 || true; rm -rf "$scratch"' EXIT
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts pm2@6.0.14 pm2-metrics@1.0.47
for name in pm2 pm2-metrics; do node -p "'$name ' + JSON.parse(require('fs').readFileSync('node_modules/$name/package.json')).version"; done
echo 'setInterval(() => {}, 1000);' >service.js
for name in shop gone; do node_modules/.bin/pm2 start service.js --name "$name" --silent; done
sleep 4
node_modules/.bin/pm2 stop gone --silent
# The exporter listens at a fixed port on all addresses; here it gets a free one of this machine alone.
cat >port.js <<'JS'
const { Server } = require('node:net');
const listen = Server.prototype.listen;
Server.prototype.listen = function (...rest) {
  if (rest[0] !== 9209) return listen.apply(this, rest);
  return listen.call(this, 0, '127.0.0.1', () => require('node:fs').writeFileSync('port', String(this.address().port)));
};
JS
node --require ./port.js node_modules/pm2-metrics/exporter.js >exporter.log 2>&1 &
exporter=$!
until [[ -s port ]]; do sleep 0.1; done
cat >scrape.mjs <<'JS'
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
const scrape = async () => {
  const page = await (await fetch(`http://127.0.0.1:${readFileSync('port', 'utf8')}/metrics`)).text();
  const value = (name, service) => Number(page.match(new RegExp(`^pm2_${name}\\{[^}]*name="${service}"[^}]*\\} (\\S+)`, 'm'))?.[1]);
  return { page, up: value('up', 'gone'), uptime: value('uptime', 'gone'), memory: value('memory', 'shop'), heap: value('used_heap_size', 'shop') };
};
const first = await scrape();
await sleep(4000);
const second = await scrape();
const list = execFileSync('node_modules/.bin/pm2', ['list', '--no-color'], { encoding: 'utf8' });
const row = list.split('\n').find((line) => line.includes('gone')).replace(/\u001b\[\d+m/g, '').split('│').map((cell) => cell.trim());
console.log(`the stopped process: up ${second.up}, uptime ${first.uptime} s and four seconds later ${second.uptime} s; pm2 list: ${row[9]}, uptime ${row[7]}`);
console.log(`the other one: pm2_memory ${second.memory}, pm2_used_heap_size ${second.heap}`);
console.log(second.page.match(/# HELP pm2_(memory|uptime|used_heap_size) .*/g).join('\n'));
const stopped = second.up === 0 && second.uptime >= first.uptime + 3 && row[7] === '0' && row[9] === 'stopped';
process.exit(stopped && second.memory > 1e7 && second.heap > 2 && second.heap < 200 ? 0 : 1);
JS
node scrape.mjs
