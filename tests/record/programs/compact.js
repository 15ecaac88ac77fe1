'use strict';
// Code that comes and goes under a compacting GC, so that code and function
// objects move while they run (code-move, sfi-move). Needs --expose-gc and a
// flag that forces compaction (record.sh picks the one the version knows).
const end = Date.now() + Number(process.env.RECORD_MS || 1200);
let sink = 0;
let live = [];

function steady(n) { let h = n | 0; for (let i = 0; i < 3000; i++) h = Math.imul(h ^ i, 16777619); return h; }
function make(round, k) {
  return new Function('n', 'let h = n | ' + (round & 255) + '; for (let i = 0; i < ' + (200 + k) + '; i++) h = Math.imul(h ^ i, ' + (2 * k + 3) + '); return h;');
}
function churn(round) {
  for (let k = 0; k < 40; k++) live.push(make(round, k));
  for (const f of live) for (let i = 0; i < 12; i++) sink ^= f(i);
  // Drop every second one: holes are what makes a page worth compacting.
  live = live.filter((_, i) => (i + round) % 2 === 0).slice(-400);
}

for (let round = 0; Date.now() < end; round++) {
  churn(round);
  for (let i = 0; i < 50; i++) sink ^= steady(i);
  globalThis.gc();
}
if (sink === 0.5) console.log(sink);
