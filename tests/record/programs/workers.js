'use strict';
// Three isolates, each with its own hot function: one log per isolate.
// record.sh tells the logs apart by these functions' names.
const { Worker, isMainThread, workerData } = require('worker_threads');
const MS = Number(process.env.RECORD_MS || 1200);

function mainHot(n) { let h = n | 0; for (let i = 0; i < 60000; i++) h = Math.imul(h ^ i, 16777619); return h; }
function alphaHot(n) { let h = n | 0; for (let i = 0; i < 60000; i++) h = (Math.imul(h, 31) + i) | 0; return h; }
function betaHot(n) { const a = []; for (let i = 0; i < 900; i++) a.push((i * 7919 + n) % 1013); return a.sort(betaOrder)[3]; }
function betaOrder(a, b) { return a - b; }

// On a busy machine the time can pass with few ticks. So there is also a least number of rounds,
// five for each millisecond, which take half of the time on an idle machine.
function spin(work, ms) {
  const end = Date.now() + ms;
  let h = 0;
  for (let left = ms * 5; Date.now() < end || left > 0; left--) h ^= work(h);
  return h;
}

if (isMainThread) {
  const start = (name) => new Worker(__filename, { workerData: name });
  let left = 2;
  for (const name of ['alpha', 'beta']) start(name).on('exit', () => { left--; });
  const end = Date.now() + MS;
  (function step() { spin(mainHot, 20); if (Date.now() < end || left > 0) setImmediate(step); })();
} else if (workerData === 'alpha') {
  spin(alphaHot, MS * 0.6);
} else {
  spin(betaHot, MS * 0.4);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, MS * 0.15); // VM state 7
  spin(betaHot, MS * 0.1);
}
