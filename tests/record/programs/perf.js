'use strict';
// Half a second of what a perf recording of Node holds: JavaScript in every
// tier, builtins with callbacks, regexps, JSON, C++ and the kernel.
//   node --perf-basic-prof --interpreted-frames-native-stack perf.js [child]
const crypto = require('crypto');
const fs = require('fs');
const { fork } = require('child_process');

function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
function text() {
  let length = 0;
  for (let i = 0; i < 200; i++) {
    length += JSON.stringify({ a: [i, i, i], b: 'x'.repeat(50) }).replace(/x+/g, 'y').length;
  }
  return length;
}
function hash() { return crypto.createHash('sha256').update(Buffer.alloc(1 << 16)).digest('hex'); }
function sorted() {
  const list = [];
  for (let i = 0; i < 2000; i++) list.push((i * 7919) % 2003);
  return list.sort((x, y) => x - y)[3];
}
function write() { fs.writeFileSync(`out-${process.pid}`, 'x'.repeat(1 << 15)); }
// Each is another function, so that the interpreter runs too.
function fresh(i) { return new Function('n', `let s = ${i}; while (n--) s = s * 31 % 1009; return s;`)(4000); }

let sum = 0;
function round(i) {
  sum += fib(18) + text() + sorted() + fresh(i);
  hash();
  write();
}
const ends = Date.now() + Number(process.env.RECORD_MS || 500);
let rounds = 0;
(function loop() {
  for (let i = 0; i < 5; i++) round(rounds++);
  if (Date.now() < ends) setImmediate(loop);
  else fs.unlinkSync(`out-${process.pid}`);
})();
if (process.argv[2] === 'child') fork(__filename, []);
