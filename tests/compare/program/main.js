'use strict';
// tests/compare records this program four ways: a fixed amount of steady work in
// functions of distinct weight. `ROUNDS` sets how much (some 8 ms each).
//
// Every kernel is called through a table, so none is inlined into the loop that
// calls it; what a kernel calls, TurboFan inlines or not as the comments say.
const { makeText, scanNumbers, countWords, roundTrip, hashText } = require('./deps/text.js');

const table = new Int32Array(4096).map((_, i) => Math.imul(i + 1, 0x9e3779b1));

// 1. One loop, no calls.
function xorshift(steps) {
  let x = 0x2545f491;
  for (let i = 0; i < steps; i++) {
    x ^= x << 13; x ^= x >>> 17; x ^= x << 5;
    x = x + table[x & 4095] | 0;
  }
  return x;
}

// 2. Floating point; escape and iterate fold into it.
function square(re, im) {
  return re * re + im * im;
}
function escape(cr, ci, limit) {
  let re = 0, im = 0, n = 0;
  while (n < limit && square(re, im) < 4) {
    const next = re * re - im * im + cr;
    im = 2 * re * im + ci;
    re = next;
    n++;
  }
  return n;
}
function mandelbrot(size) {
  let sum = 0;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) sum += escape(x / size * 3 - 2, y / size * 2 - 1, 60);
  }
  return sum;
}

// 3. Three inlined functions, two of them hot, of unequal weight.
function stir(x) {
  let h = x | 0;
  for (let i = 0; i < 40; i++) h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d) + table[(h >>> 9) & 4095] | 0;
  return h;
}
function shake(x) {
  let h = ~x;
  for (let i = 0; i < 90; i++) h = Math.imul(h ^ (h >>> 13), 0x297a2d39) + table[(h >>> 7) & 4095] | 0;
  return h;
}
function blend(x) {
  return stir(x) ^ shake(x);
}
function mixer(count) {
  let h = 1;
  for (let i = 0; i < count; i++) h = blend(h + i | 0) + 1 | 0;
  return h;
}

// 4. Recursion, which TurboFan unrolls into itself a few times.
function fib(n) {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

// 5. sort: a builtin that calls back into JavaScript.
function byKey(a, b) {
  return a.key - b.key;
}
function sortRows(rows) {
  return rows.slice().sort(byKey)[0].key;
}

// 6. Typed arrays, three loops deep.
function multiply(a, b, out, n) {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += a[i * n + k] * b[k * n + j];
      out[i * n + j] = sum;
    }
  }
  return out[0];
}

// 7. A call in the innermost loop, inlined.
function least(a, b, c) {
  const m = a < b ? a : b;
  return m < c ? m : c;
}
function levenshtein(a, b) {
  let row = new Uint16Array(b.length + 1);
  let last = new Uint16Array(b.length + 1);
  for (let j = 0; j <= b.length; j++) last[j] = j;
  for (let i = 1; i <= a.length; i++) {
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const cost = a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1;
      row[j] = least(row[j - 1] + 1, last[j] + 1, last[j - 1] + cost);
    }
    [row, last] = [last, row];
  }
  return last[b.length];
}

// 8. Objects and pointers: methods of a class, recursion over a tree.
class Node {
  constructor(key) {
    this.key = key;
    this.left = null;
    this.right = null;
  }
}
function insert(root, key) {
  let node = root;
  for (;;) {
    if (key === node.key) return node;
    const side = key < node.key ? 'left' : 'right';
    if (node[side] === null) return (node[side] = new Node(key));
    node = node[side];
  }
}
function buildTree(count) {
  const root = new Node(count >> 1);
  for (let i = 0; i < count; i++) insert(root, table[i & 4095] & 0xffff);
  return root.key;
}

// 9. A closure that a builtin calls, which TurboFan inlines, builtin and all.
function total(values) {
  return values.reduce((sum, value) => sum + value % 7, 0);
}

// 10. Bytes and branches.
function sieve(limit) {
  const composite = new Uint8Array(limit);
  let primes = 0;
  for (let i = 2; i < limit; i++) {
    if (composite[i]) continue;
    primes++;
    for (let j = i * i; j < limit; j += i) composite[j] = 1;
  }
  return primes;
}

const text = makeText(400);
const words = text.split(' ');
const record = {
  rows: Array.from({ length: 24 }, (_, id) => ({ id, name: words[id], tags: words.slice(id, id + 4), size: id * 1.5 })),
};
const rows = Array.from({ length: 300 }, (_, i) => ({ key: table[i] >>> 3 }));
const values = Array.from({ length: 2000 }, (_, i) => table[i] >>> 5);
const n = 40;
const [a, b, out] = [new Float64Array(n * n).fill(1.5), new Float64Array(n * n).fill(0.5), new Float64Array(n * n)];

// Kernel, its arguments, how often in a step: well under a millisecond each, so
// that no two samples a millisecond apart fall into one step.
const work = [
  [mixer, [1000], 3],
  [xorshift, [90000], 2],
  [levenshtein, [text.slice(0, 120), text.slice(200, 300)], 10],
  [multiply, [a, b, out, n], 6],
  [buildTree, [1000], 2],
  [mandelbrot, [40], 4],
  [fib, [20], 5],
  [sortRows, [rows], 11],
  [sieve, [20000], 4],
  [countWords, [words], 14],
  [roundTrip, [record], 9],
  [scanNumbers, [text], 14],
  [total, [values], 30],
  [hashText, [text], 28],
];

// The clock measures each kernel, with or without a profiler: it is the truth
// that recordings are held against where they differ. Processor time, so that
// what else runs on the machine is not in it.
const spent = new Float64Array(work.length);
function clock() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

// Kernels come in a shuffled order, the same in every run: one that repeats
// could keep step with the profiler's timer.
let sink = 0;
let random = 1;
function round() {
  for (let step = 0; step < 2 * work.length; step++) {
    random = Math.imul(random, 1103515245) + 12345 & 0x7fffffff;
    const w = (random >>> 12) % work.length;
    const [kernel, args, times] = work[w];
    const start = clock();
    for (let i = 0; i < times; i++) sink = sink + kernel(...args) | 0;
    spent[w] += clock() - start;
  }
}

const rounds = Number(process.env.ROUNDS || 2000);
for (let i = 0; i < rounds; i++) round();

if (process.env.CLOCK_OUT) {
  const times = Object.fromEntries(work.map(([kernel], w) => [kernel.name, spent[w]]));
  require('node:fs').writeFileSync(process.env.CLOCK_OUT, JSON.stringify({ unit: 'us', sink, clock: times }) + '\n');
}
