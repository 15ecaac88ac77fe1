'use strict';
// Ground truth for inlining: V8 folds middle, leaf, mixA and mixB into walk.
// Recorded with and without inlining; the second says where the time goes.
// mixB does two and a half times mixA's work, everything above them almost none; walk
// loops long per call, so that it, not outer, is what V8 optimises. The loops
// are long beside the calls, whose cost inlining takes away.
const MS = Number(process.env.RECORD_MS || 2500);
const end = Date.now() + MS;
// On a busy machine seconds can pass with few ticks, and shares of few ticks differ by chance.
const used = () => { const cpu = process.cpuUsage(); return (cpu.user + cpu.system) / 1000; };
const table = new Int32Array(1024).map((_, i) => Math.imul(i + 1, 0x9e3779b1));

function mixA(x) {
  let h = x | 0;
  for (let i = 0; i < 100; i++) h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d) + table[(h >>> 9) & 1023] | 0;
  return h;
}
function mixB(x) {
  let h = ~x;
  for (let i = 0; i < 250; i++) h = Math.imul(h ^ (h >>> 13), 0x297a2d39) + table[(h >>> 7) & 1023] | 0;
  return h;
}
function leaf(x) {
  return mixA(x) ^ mixB(x);
}
function middle(x, i) {
  return leaf(x + i | 0) + 1 | 0;
}
function walk(seed) {
  let h = seed | 0;
  for (let i = 0; i < 6000; i++) h = middle(h, i);
  return h;
}
function outer(rounds) {
  let h = 1;
  for (let r = 0; r < rounds; r++) h ^= walk(h + r);
  return h;
}

let sink = 0;
while (Date.now() < end || used() < MS) sink ^= outer(2);
if (sink === 0.5) console.log(sink);
