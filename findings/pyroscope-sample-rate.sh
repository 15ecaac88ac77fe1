#!/usr/bin/env bash
# @pyroscope/nodejs reports a rate of 17 samples a second for profiles at 100 and at 500 a second.
#
# The package sends a wall profile to `/ingest` of the server with a `sampleRate`, which Pyroscope's API documents
# as the sample rate in hertz. It divides a million by the length of the profile in milliseconds, 60,000 by
# default, where the interval of the samples in microseconds is meant. The rate is 17 at every interval that the
# user sets, 1,000 a second for profiles of 1 s, and says nothing of the profile. Here a server on the same
# machine receives profiles of a busy service at the default interval of 10 ms and at one of 2 ms. The `period`
# and the number of samples in the profile are right.
#
# Seen with @pyroscope/nodejs 0.6.4 on Node 20. Exit code 0: still so. 1: the behaviour changed. Users meet it
# when they turn counts of samples into seconds with the rate that was sent.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @pyroscope/nodejs@0.6.4 pprof-format@2.3.2
cat >service.js <<'JS'
const { createServer } = require('node:http');
const { gunzipSync } = require('node:zlib');
const { Profile } = require('pprof-format');
const Pyroscope = require('@pyroscope/nodejs');
const intervalMicros = Number(process.argv[2]);
const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    response.end();
    const rate = new URL(request.url, 'http://localhost').searchParams.get('sampleRate');
    if (rate === null) return;
    const profile = Profile.decode(gunzipSync(Buffer.concat(chunks)));
    const samples = profile.sample.reduce((all, { value }) => all + Number(value[0]), 0);
    const measured = samples / (Number(profile.durationNanos) / 1e9);
    const period = 1e9 / Number(profile.period);
    console.log(`an interval of ${intervalMicros / 1000} ms: sampleRate ${rate}; the profile: ${measured.toFixed(0)} samples a second, a period of 1/${period.toFixed(0)} s`);
    // A busy machine takes fewer samples; the period of the package is at most twice the interval.
    process.exit(rate === '17' && samples > 0 && period > 0.45e6 / intervalMicros ? 0 : 1);
  });
});
server.listen(0, '127.0.0.1', () => {
  const serverAddress = `http://127.0.0.1:${server.address().port}`;
  Pyroscope.init({ serverAddress, appName: 'service', flushIntervalMs: 3000, wall: { samplingIntervalMicros: intervalMicros } });
  Pyroscope.start();
  setInterval(() => {
    let sum = 0;
    for (const end = Date.now() + 45; Date.now() < end;) sum += Math.sqrt(sum + end);
  }, 50);
});
JS
echo "@pyroscope/nodejs $(node -p "JSON.parse(require('fs').readFileSync('node_modules/@pyroscope/nodejs/package.json')).version"), node $(node --version)"
node service.js 10000
node service.js 2000
