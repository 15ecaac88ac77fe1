#!/usr/bin/env bash
# glossy drops the text of a syslog message up to its last "]", when the message has structured data.
#
# A line of RFC 5424 has structured data in brackets, such as `[request@32473 route="/items"]`, and behind it the
# text of the message. glossy, which writes and reads such lines, takes the data to end at the last word of the whole
# line that ends in "]". All text in front of that word is read as data, and is in no field. "lost the database
# [ECONNRESET] after 3 tries" becomes "after 3 tries", and "GET /items took 2100 ms [orders]" becomes an empty
# message. Both texts are whole when the line has no structured data ("-"). Brackets around the code of an error,
# a module or a request's id are common in logs of Node. Here glossy reads lines that glossy itself has written.
#
# Seen with glossy 0.1.7 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it as errors without a text when a collector in Node reads what services send to it by syslog.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts glossy@0.1.7
cat >read.js <<'JS'
const { Parse, Produce } = require('glossy');
console.log(`glossy ${require('glossy/package.json').version}, node ${process.version}`);
const texts = ['lost the database', 'lost the database [ECONNRESET] after 3 tries', 'GET /items took 2100 ms [orders]'];
const producer = new Produce({ appName: 'api', host: 'web-1', pid: '12' });
const read = (message, structuredData) => {
  const line = producer.produce({ facility: 'local0', severity: 'error', date: new Date(0), message, structuredData });
  return { line, ...Parse.parse(line) };
};
const found = texts.map((text) => {
  const [without, withData] = [read(text), read(text, { 'request@32473': { route: '/items' } })];
  console.log(`${withData.line}\n  message: "${withData.message}", without structured data: "${without.message}"`);
  return { text, without: without.message, withData: withData.message, route: withData.structuredData['request@32473'].route };
});
const control = found.every(({ text, without, route }) => without === text && route === '/items') && found[0].withData === texts[0];
process.exit(control && found[1].withData === 'after 3 tries' && found[2].withData === '' ? 0 : 1);
JS
node read.js
