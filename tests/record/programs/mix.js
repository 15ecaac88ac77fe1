'use strict';
// A little of everything JavaScript code does, so that every way V8 names code
// is in one log. Work is fixed, only the number of rounds depends on the clock.
//   node --prof mix.js [kill]     kill: die by SIGKILL midway (no `profiler,end`)
const vm = require('vm');
const path = require('path');
const { pathToFileURL } = require('url');

const MS = Number(process.env.RECORD_MS || 1200);
const started = Date.now();
// On a busy machine a second can pass with few ticks, so the processor's time must pass too.
const used = () => { const cpu = process.cpuUsage(); return (cpu.user + cpu.system) / 1000; };
const killMode = process.argv[2] === 'kill';
let sink = 0;

// ---- classes -------------------------------------------------------------
class Shape {
  static #made = 0;
  static registry = Shape.fillRegistry(64);
  static { for (let i = 0; i < 2e5; i++) Shape.#made = (Shape.#made + i) | 0; }
  #side;
  area = this.computeArea(1);
  constructor(side) { this.#side = side; Shape.#made++; }
  static fillRegistry(n) { const r = new Map(); for (let i = 0; i < n; i++) r.set(i, 'shape' + i); return r; }
  get side() { let s = this.#side; for (let i = 0; i < 300; i++) s = (s * 31 + i) & 0xffff; return s; }
  set side(v) { let s = v; for (let i = 0; i < 300; i++) s = (s ^ (s << 3) ^ i) & 0xffff; this.#side = s; }
  computeArea(k) { let a = k; for (let i = 0; i < 20; i++) a = (a * 7 + i) % 1009; return a; }
  #secret(n) { let a = n; for (let i = 0; i < 400; i++) a = (a * 13 + i) & 0xfffff; return a; }
  reveal(n) { return this.#secret(n) + this.#secret(n + 1); }
  arrowField = (n) => { let a = n; for (let i = 0; i < 400; i++) a = (a * 17 + i) & 0xfffff; return a; };
  static make(n) { return new this(n); }
}
class Square extends Shape {
  computeArea(k) { return super.computeArea(k) + 1; }
}
function classes() {
  let t = 0;
  for (let i = 0; i < 150; i++) {
    const s = i & 1 ? Square.make(i) : Shape.make(i);
    s.side = i;
    t += s.side + s.reveal(i) + s.arrowField(i);
  }
  return t;
}

// ---- closures, recursion, generators, exceptions, reflection ---------------
function adder(k) { return function addK(x) { let y = x; for (let i = 0; i < 50; i++) y = (y + k * i) | 0; return y; }; }
const adders = [1, 2, 3, 5, 8, 13].map(adder);
function closures() { let t = 0; for (let i = 0; i < 600; i++) t = adders[i % 6](t); return t; }

function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
function recursion() { return fib(17); }

function* numbers(n) { for (let i = 0; i < n; i++) yield (i * i) % 101; }
function generators() { let t = 0; for (const x of numbers(4000)) t += x; return t; }

function thrower(i) { if (i % 3 === 0) throw new RangeError('no ' + i); return i; }
function exceptions() {
  let t = 0;
  for (let i = 0; i < 120; i++) { try { t += thrower(i); } catch (e) { t += e.message.length; } finally { t++; } }
  return t;
}

const proxied = new Proxy({ a: 1, b: 2 }, {
  get(target, key) { return Reflect.get(target, key) | 0; },
  has(target, key) { return Reflect.has(target, key); },
});
function reflection() {
  let t = 0;
  for (let i = 0; i < 2000; i++) { t += proxied.a + proxied.b; if ('a' in proxied) t++; t += Reflect.ownKeys({ i, t }).length; }
  return t;
}

// ---- collections, strings, JSON, sorting ----------------------------------
function collections() {
  const m = new Map(), s = new Set();
  for (let i = 0; i < 2500; i++) { m.set('k' + (i % 500), i); s.add(i % 777); }
  let t = 0;
  m.forEach(function eachEntry(v) { t += v; });
  return t + s.size;
}
function strings() {
  let s = '';
  for (let i = 0; i < 1500; i++) s += String.fromCharCode(97 + (i % 26)) + i;
  return s.split('1').map((x) => x.toUpperCase()).join('-').length;
}
const document = { list: Array.from({ length: 120 }, (_, i) => ({ id: i, name: 'n' + i, tags: ['a', 'b', String(i)] })) };
function json() { return JSON.parse(JSON.stringify(document)).list.length; }

function byScore(a, b) { return a.score - b.score || a.id - b.id; }
function sorting() {
  const items = [];
  for (let i = 0; i < 1500; i++) items.push({ id: i, score: (i * 7919) % 1013 });
  items.sort(byScore);
  return items[7].id;
}

// ---- regular expressions ----------------------------------------------------
// One has commas and backslashes; two share a source (V8's processor numbers
// them); the two-byte subject makes V8 compile a second code for a source.
const rxComma = /(\d{1,3}),(\d{3})\\?[\/,]?/g;
const rxSameA = /([a-z]+)-([a-z]+)\s/g;
const rxSameB = /([a-z]+)-([a-z]+)\s/gi;
const rxWide = /[가-힣]+\s(\w+)/g;
const rxMail = /^[\w.+-]+@[\w-]+\.[\w.]+$/;
const prose = 'alpha-beta 12,345 gamma-delta 6,789\\ x '.repeat(30);
const wide = '보드 board 카드 card '.repeat(40) + prose;
function regexps() {
  let t = 0;
  for (let i = 0; i < 4; i++) {
    t += prose.replace(rxComma, '$1$2').length;
    t += (prose.match(rxSameA) || []).length + (prose.match(rxSameB) || []).length;
    t += (wide.match(rxWide) || []).length + (wide.match(rxComma) || []).length;
    if (rxMail.test('someone.else+tag@mail-host.example.org')) t++;
  }
  return t;
}

// ---- code from strings ------------------------------------------------------
const hotBody = '{ let h = n | 0; for (let i = 0; i < 9000; i++) h = Math.imul(h ^ i, 16777619); return h; }';
const evalHot = eval('(function evalHot(n) ' + hotBody + ')');
const constructed = new Function('n', hotBody.slice(1, -1));
const vmPlain = vm.runInThisContext('(function vmPlain(n) ' + hotBody + ')');
const vmNamed = vm.runInThisContext('(function vmNamed(n) ' + hotBody + ')', { filename: 'virtual/vm named, file.js' });
const vmUrl = vm.runInThisContext('(function vmUrl(n) ' + hotBody + ')', { filename: 'file:///virtual/vm-url.js' });
const vmMapped = vm.runInThisContext('(function vmMapped(n) ' + hotBody + ')\n//# sourceURL=webpack:///./src/mapped.ts');
function fromStrings() {
  let t = 0;
  for (const f of [evalHot, constructed, vmPlain, vmNamed, vmUrl, vmMapped]) t ^= f(t);
  return t ^ eval('t + 1');
}

// ---- names that log readers trip over --------------------------------------
// Each body is written out: a shared helper would get the ticks instead. They
// are called through one megamorphic site, so V8 does not inline them away.
const N = 12000;
const odd = {
  'comma, in name'(n) { let h = 1; for (let i = 0; i < n; i++) h = Math.imul(h ^ i, 16777619); return h; },
  'two\nlines'(n) { let h = 2; for (let i = 0; i < n; i++) h = Math.imul(h ^ i, 16777619); return h; },
  'back\\slash\\x2C'(n) { let h = 3; for (let i = 0; i < n; i++) h = Math.imul(h ^ i, 16777619); return h; },
  'double"quote'(n) { let h = 4; for (let i = 0; i < n; i++) h = Math.imul(h ^ i, 16777619); return h; },
  '<script>alert(1)</script>'(n) { let h = 5; for (let i = 0; i < n; i++) h = Math.imul(h ^ i, 16777619); return h; },
  'semi;colon 12'(n) { let h = 6; for (let i = 0; i < n; i++) h = Math.imul(h ^ i, 16777619); return h; },
  'GET /boards'(n) { let h = 7; for (let i = 0; i < n; i++) h = Math.imul(h ^ i, 16777619); return h; },
  '한글이름'(n) { let h = 8; for (let i = 0; i < n; i++) h = Math.imul(h ^ i, 16777619); return h; },
  '🔥flame'(n) { let h = 9; for (let i = 0; i < n; i++) h = Math.imul(h ^ i, 16777619); return h; },
  'right\u200Fto\u202Eleft'(n) { let h = 10; for (let i = 0; i < n; i++) h = Math.imul(h ^ i, 16777619); return h; },
  ' leading'(n) { let h = 11; for (let i = 0; i < n; i++) h = Math.imul(h ^ i, 16777619); return h; },
  'café'(n) { let h = 12; for (let i = 0; i < n; i++) h = Math.imul(h ^ i, 16777619); return h; },
  'tail,0x1234,*'(n) { let h = 13; for (let i = 0; i < n; i++) h = Math.imul(h ^ i, 16777619); return h; },
  'tab\tand\rreturn'(n) { let h = 14; for (let i = 0; i < n; i++) h = Math.imul(h ^ i, 16777619); return h; },
  [Symbol('symbol, described')](n) { let h = 15; for (let i = 0; i < n; i++) h = Math.imul(h ^ i, 16777619); return h; },
  ['computed, ' + (1 + 1)](n) { let h = 16; for (let i = 0; i < n; i++) h = Math.imul(h ^ i, 16777619); return h; },
};
const oddFns = Reflect.ownKeys(odd).map((k) => odd[k]);
function oddNames() { let t = 0; for (const f of oddFns) t ^= f(N); return t; }

// ---- asynchronous driver -----------------------------------------------------
const tick = () => new Promise((resolve) => setImmediate(resolve));
async function awaits() {
  let t = 0;
  for (let i = 0; i < 150; i++) t += await asyncStep(i);
  return t;
}
async function asyncStep(i) { let x = i; for (let k = 0; k < 300; k++) x = (x * 31 + k) & 0xffff; return x; }

async function main() {
  const esm = await import(pathToFileURL(path.join(__dirname, 'mix-part.mjs')).href);
  const jobs = [classes, closures, recursion, generators, exceptions, reflection, collections,
    strings, json, sorting, regexps, fromStrings, oddNames, esm.moduleWork, esm.default];
  for (;;) {
    for (const job of jobs) sink ^= job() | 0;
    sink ^= (await awaits()) | 0;
    await tick();
    const spent = Math.min(Date.now() - started, used());
    if (killMode && spent > MS / 2) process.kill(process.pid, 'SIGKILL');
    if (spent > MS) break;
  }
  if (sink === 0.5) console.log(sink);
}
main();
