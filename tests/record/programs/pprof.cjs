// Records a profile with a library for Node:
//   node pprof.cjs LIBRARY OUT [line|labels|heap]
// Two functions of one name stand in this file on purpose: they share a record.
'use strict';
const [library, out, how = ''] = process.argv.slice(2);
const pprof = require(library);
const { writeFileSync } = require('node:fs');
const { pbkdf2Sync } = require('node:crypto');

class Roots { constructor() { this.all = Array.from({ length: 2e4 }, (_, i) => ({ i })); }
  get() { let sum = 0; for (const { i } of this.all) sum += Math.sqrt(i); return sum; } }
class Cubes { constructor() { this.all = Array.from({ length: 2e4 }, (_, i) => [i]); }
  get() { let sum = 0; for (const [i] of this.all) sum += Math.cbrt(i); return sum; } }

function levenshtein(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}

const nameless = [
  (n) => { let sum = 0; for (let i = 0; i < n; i++) sum += Math.sin(i); return sum; },
];

function step() {
  levenshtein('kitten'.repeat(30), 'sitting'.repeat(30));
  new Roots().get();
  new Cubes().get();
  nameless[0](1e5);
  pbkdf2Sync('a', 'b', 500, 32, 'sha256');
  /a+b*c/.test('aaaaaabbbb'.repeat(1e3));
}

function work(ms) {
  for (const end = Date.now() + ms; Date.now() < end;) step();
}

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

async function main() {
  const kept = [];
  if (how === 'heap') {
    pprof.heap.start(64 * 1024, 64);
    for (let i = 0; i < 50; i++) { step(); kept.push(new Array(1e4).fill(i)); }
    return pprof.heap.profile();
  }
  if (library.includes('pyroscope')) return posted();
  if (!library.includes('datadog')) {
    const profile = pprof.time.profile({ durationMillis: 1500, intervalMicros: 1000 });
    const timer = setInterval(work, 25, 20);
    await profile;
    clearInterval(timer);
    return profile;
  }
  const labels = how === 'labels';
  pprof.time.start({
    intervalMicros: 1000, lineNumbers: how === 'line', withContexts: labels, collectCpuTime: labels,
  });
  for (let i = 0; i < 40; i++) {
    if (labels) pprof.time.setContext({ 'trace endpoint': i % 2 ? 'GET /boards' : 'POST /members', 'span id': i });
    work(25);
    await sleep(5);
  }
  // As Datadog's tracer labels its samples.
  return pprof.time.stop(false, !labels ? undefined : ({ context }) => ({
    ...context?.context,
    'thread name': 'Main Event Loop',
    'thread id': 0,
    ...(context?.timestamp === undefined ? {} : { end_timestamp_ns: context.timestamp * 1000n }),
  }));
}

// Pyroscope's library knows no other way out than to a server.
async function posted() {
  const pyroscope = pprof.default;
  const server = require('node:http').createServer().listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const bytes = new Promise((done) => server.once('request', (request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => { response.end('{}'); done(Buffer.concat(parts)); });
  }));
  pyroscope.init({ serverAddress: `http://127.0.0.1:${server.address().port}`, appName: 'record' });
  pyroscope.startWallProfiling();
  for (let i = 0; i < 40; i++) {
    pyroscope.wrapWithLabels({ endpoint: i % 2 ? 'GET /boards' : 'POST /members' }, () => work(25));
    await sleep(5);
  }
  await pyroscope.stopWallProfiling();
  server.close();
  server.closeAllConnections();
  return bytes;
}

main().then(pprof.encode ?? ((bytes) => bytes)).then((bytes) => writeFileSync(out, bytes));
