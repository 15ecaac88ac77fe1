#!/usr/bin/env bash
# pino-syslog writes a level that is mapped to "emergency" as an ordinary error.
#
# The README of pino-syslog has `customLevels`, with a `syslogSeverity` for each level, one of eight names from
# "emergency" to "debug". The number of "emergency" is 0, and the code takes 0 for a name that it does not know: such
# a level becomes 3, "error". The most severe messages stand below those of a level that is mapped to "alert" or
# "critical", and a rule of the syslog server for emergencies never applies. The other seven names are right.
#
# Seen with pino-syslog 4.0.0 and pino 10.3.1 on Node 20. Exit code 0: still so. 1: the behaviour changed. Users meet
# it when they count or route messages by severity.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts pino@10.3.1 pino-syslog@4.0.0
cat >log.js <<'JS'
const { spawnSync } = require('node:child_process');
const { readFileSync, writeFileSync } = require('node:fs');
const pino = require('pino');
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
console.log(`pino-syslog ${version('pino-syslog')}, pino ${version('pino')}, node ${process.version}`);
const names = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'info', 'debug'];
const levels = Object.fromEntries(names.map((name, severity) => [`my_${name}`, 101 + 7 * (7 - severity)]));
const customLevels = Object.fromEntries(names.map((name) => [`my_${name}`, { level: levels[`my_${name}`], syslogSeverity: name }]));
writeFileSync('config.json', JSON.stringify({ modern: true, newline: true, customLevels }));
let input = '';
const logger = pino({ customLevels: levels }, { write: (line) => { input += line; } });
for (const name of names) logger[`my_${name}`](name);
const { stdout } = spawnSync(process.execPath, ['node_modules/pino-syslog/app.js', '-c', 'config.json'], { input, encoding: 'utf8' });
// A priority is 8 times the facility and then the severity.
const severities = [...stdout.matchAll(/^<(\d+)>/gm)].map(([, priority]) => Number(priority) % 8);
names.forEach((name, expected) => console.log(`mapped to ${name}: severity ${severities[expected]}, by RFC 5424 ${expected}`));
process.exit(severities.join() === '3,1,2,3,4,5,6,7' ? 0 : 1);
JS
node log.js
