'use strict';
// Stacks deeper than the 255 frames a tick can hold: V8 cuts the outermost end.
const end = Date.now() + Number(process.env.RECORD_MS || 1200);
let sink = 0;

function bottom(n) { let h = n | 0; for (let i = 0; i < 40000; i++) h = Math.imul(h ^ i, 16777619); return h; }
function descend(depth) { return depth === 0 ? bottom(depth) : (descend(depth - 1) + depth) | 0; }
// Mutual recursion of three; the work stands on the way down as well.
function ping(depth) { let h = depth; for (let i = 0; i < 60; i++) h = (h * 31 + i) | 0; return depth === 0 ? bottom(h) : (pong(depth - 1) ^ h) | 0; }
function pong(depth) { return depth === 0 ? bottom(1) : (pang(depth - 1) + 1) | 0; }
function pang(depth) { return depth === 0 ? bottom(2) : (ping(depth - 1) + 2) | 0; }

while (Date.now() < end) {
  for (const depth of [5, 100, 250, 254, 256, 400, 2000]) { sink ^= descend(depth); sink ^= ping(depth); }
}
if (sink === 0.5) console.log(sink);
