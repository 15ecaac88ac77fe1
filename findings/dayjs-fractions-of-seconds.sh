#!/usr/bin/env bash
# Day.js reads half a second, ".5", as 5 ms, and d3's %f reads ".123" as 0.
#
# PostgreSQL prints a timestamp without the zeros at its end: 10:00:00.5, 10:00:00.12. Of such a time without
# a zone Day.js takes the digits behind the point as a number of milliseconds: 5 and 12 in place of 500 and
# 120. With a `Z` or an offset it leaves the text to `Date`, and is right, so the same instant has two
# values. Three digits and more are right. In the format of d3-time-format, %L and %f do the same: `.5` is
# 5 ms with %L, and with %f, microseconds, `.5` and `.123` are 0. Here 1,000 requests of 250 ms begin a
# hundredth of a second apart: with Day.js they last from -56 to 1,006 ms. moment, Luxon's fromSQL and
# date-fns' parseISO read all of them.
#
# Seen with dayjs 1.11.23, d3-time-format 4.1.1, moment 2.30.1, luxon 3.7.2 and date-fns 4.1.0 on Node 20.
# Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they take durations from the times in a log or a table.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts dayjs@1.11.23 d3-time-format@4.1.1 moment@2.30.1 luxon@3.7.2 date-fns@4.1.0
cat >times.mjs <<'JS'
import { createRequire } from 'node:module';
import { utcParse } from 'd3-time-format';
import dayjs from 'dayjs';
import { parseISO } from 'date-fns';
import { DateTime } from 'luxon';
import moment from 'moment';
const require = createRequire(import.meta.url);
const readers = {
  dayjs: (text) => dayjs(text).valueOf(),
  'dayjs with a zone': (text) => dayjs(`${text}Z`).valueOf(),
  'd3 %L': (text) => Number(utcParse('%Y-%m-%d %H:%M:%S.%L')(text)),
  'd3 %f': (text) => Number(utcParse('%Y-%m-%d %H:%M:%S.%f')(text)),
  moment: (text) => moment(text).valueOf(),
  luxon: (text) => DateTime.fromSQL(text).toMillis(),
  'date-fns': (text) => parseISO(text).valueOf(),
};
for (const name of ['dayjs', 'd3-time-format', 'moment', 'luxon', 'date-fns']) {
  console.log(name, JSON.parse(require('node:fs').readFileSync(`node_modules/${name}/package.json`, 'utf8')).version);
}
const fractions = ['5', '12', '123'];
const seen = {};
for (const [name, read] of Object.entries(readers)) {
  seen[name] = fractions.map((fraction) => read(`2026-05-01 10:00:00.${fraction}`) % 1000);
  console.log(`${name}: ${fractions.map((fraction, index) => `.${fraction} is ${seen[name][index]} ms`).join(', ')}`);
}
// PostgreSQL's text of a time: no zeros at the end, and no point without a fraction.
const text = (ms) => new Date(ms).toISOString().slice(0, -1).replace('T', ' ').replace(/\.?0+$/, '');
const base = Date.UTC(2026, 4, 1, 10, 0, 1);
const durations = (read) => Array.from({ length: 1000 }, (_, index) => read(text(base + 10 * index + 250)) - read(text(base + 10 * index)));
const range = (list) => `${Math.min(...list)} to ${Math.max(...list)} ms`;
const wrong = durations(readers.dayjs);
const right = durations(readers.moment);
console.log(`1,000 requests of 250 ms: dayjs ${range(wrong)}, moment ${range(right)}`);
const good = ['dayjs with a zone', 'moment', 'luxon', 'date-fns'].every((name) => seen[name].join() === '500,120,123');
const bad = seen.dayjs.join() === '5,12,123' && seen['d3 %L'].join() === '5,12,123' && seen['d3 %f'].join() === '0,0,0';
process.exit(good && bad && range(wrong) === '-56 to 1006 ms' && range(right) === '250 to 250 ms' ? 0 : 1);
JS
node times.mjs
