#!/usr/bin/env bash
# timestring reads 250 microseconds, as Go prints them, as 250 seconds.
#
# Go prints a duration as 1.5s, 12.5ms or 250µs; so do Caddy, Traefik, vegeta and many exporters in their
# logs. timestring drops each character that it does not expect, such as a comma: the micro sign
# goes too, and `s` remains. A call of 850 µs becomes one of 14 minutes, a million times as long. There is no error,
# though `850us` and `850ns` are refused as unknown units. The README lists the units it knows, and these
# are not among them. parse-duration reads it. Here one call in ten of a cache is below a millisecond, and the mean is
# 25 s in place of 4.5 ms.
#
# Seen with timestring 7.0.0 and parse-duration 2.1.9 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they compare the times of a proxy with those of the service behind it.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts timestring@7.0.0 parse-duration@2.1.9
cat >durations.mjs <<'JS'
import { readFileSync } from 'node:fs';
import parseDuration from 'parse-duration';
import timestring from 'timestring';
for (const name of ['timestring', 'parse-duration']) {
  console.log(name, JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version);
}
const read = (text) => {
  try {
    return timestring(text, 'ms');
  } catch (error) {
    return error.message;
  }
};
for (const text of ['1.5s', '12.5ms', '250µs', '250us', '250ns']) {
  console.log(`${text}: timestring ${read(text)} ms, parse-duration ${parseDuration(text)} ms`);
}
const log = [...Array(90).fill('5ms'), ...Array(10).fill('250µs')];
const mean = (parse) => log.reduce((sum, text) => sum + parse(text), 0) / log.length;
const [wrong, right] = [mean(read), mean(parseDuration)];
console.log(`mean of 90 calls of 5ms and 10 of 250µs: timestring ${wrong} ms, parse-duration ${right.toFixed(3)} ms`);
const refused = ['250us', '250ns'].every((text) => typeof read(text) === 'string');
process.exit(read('1.5s') === 1500 && read('12.5ms') === 12.5 && read('250µs') === 250000 && refused && Math.abs(right - 4.525) < 1e-9 ? 0 : 1);
JS
node durations.mjs
