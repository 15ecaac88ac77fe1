#!/usr/bin/env bash
# parse-jtl counts no error in a JMeter test whose server refused every connection.
#
# A request of JMeter that got no answer has text for a response code ("Non HTTP response code:
# java.net.ConnectException"), and `success` is false. `success` is also false when an assertion
# failed on an answer of 200. parse-jtl reads the code as a number, counts an error when it is 400
# or more (its README defines the rate so), and does not read `success`. So requests that were
# refused, reset or timed out, and answers with wrong content, count as good ones, and the 1 ms of
# a refusal makes the percentiles shorter. Its error rate has two digits: 4 failures among 1,000
# requests are a rate of 0. performance-results-parser, which test reporters use, reads .jtl by it.
#
# Seen with parse-jtl 1.1.0, a file in the form of JMeter 5. Exit code 0: still so. 1: it changed.
# Users meet it in reports of load tests in a pipeline: the test passes while the server is down.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund parse-jtl@1.1.0
cat >run.js <<'JS'
const { writeFileSync } = require('node:fs');
const { parse } = require('parse-jtl');
const { version } = require('parse-jtl/package.json');
const head = 'timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,failureMessage,bytes,sentBytes,grpThreads,allThreads,URL,Latency,IdleTime,Connect';
const row = (index, elapsed, code, message, success, failure) =>
  `${1764321000000 + index * 10},${elapsed},GET /,${code},${message},Users 1-1,text,${success},${failure},120,90,1,1,http://127.0.0.1:3000/,${elapsed},0,1`;
const refused = (index) => row(index, 1, 'Non HTTP response code: java.net.ConnectException', 'Non HTTP response message: Connection refused', false, '');
const wrong = (index) => row(index, 40, 200, 'OK', false, 'Test failed: text expected to contain /total/');
const answered = (index) => row(index, 40, 200, 'OK', true, '');
const busy = (index) => row(index, 40, 503, 'Service Unavailable', false, '');
const count = (title, make) => {
  writeFileSync('run.jtl', `${[head, ...Array.from({ length: 1000 }, (_, index) => make(index))].join('\n')}\n`);
  const { samples, errors, error_rate, p50 } = parse('run.jtl').total_requests;
  console.log(`${title}: ${samples} samples, errors ${errors}, error_rate ${error_rate}, p50 ${p50} ms`);
  return { errors, error_rate };
};
console.log(`parse-jtl ${version}`);
const results = {
  refused: count('every connection refused', refused),
  wrong: count('every assertion failed', wrong),
  half: count('half of the connections refused', (index) => (index % 2 ? refused : answered)(index)),
  few: count('4 answers of 503', (index) => (index % 250 ? answered : busy)(index)),
};
const still = results.refused.errors === 0 && results.wrong.errors === 0 && results.half.errors === 0 && results.few.errors === 4 && results.few.error_rate === 0;
process.exit(still ? 0 : 1);
JS
node run.js
