'use strict';
// Two hand-assembled modules of the same code: one with a name section, one
// without (its functions are called wasm-function[N]). Run long enough to go
// from Liftoff to TurboFan.
const end = Date.now() + Number(process.env.RECORD_MS || 1200);

const leb = (n) => { const out = []; do { let b = n & 127; n >>>= 7; if (n) b |= 128; out.push(b); } while (n); return out; };
const sleb = (n) => { const out = []; for (;;) { const b = n & 127; n >>= 7; if ((n === 0 && !(b & 64)) || (n === -1 && b & 64)) { out.push(b); return out; } out.push(b | 128); } };
const vec = (items) => [...leb(items.length), ...items.flat()];
const str = (s) => vec([...Buffer.from(s)].map((b) => [b]));
const section = (id, body) => [id, ...leb(body.length), ...body];
const I32 = 0x7f;

// step(x, i) = (x ^ i) * 16777619
const step = [0x00, 0x20, 0, 0x20, 1, 0x73, 0x41, ...sleb(16777619), 0x6c, 0x0b];
// run(n): do { h = step(h, n); n-- } while (n); return h
const run = [1, 1, I32,
  0x03, 0x40,
  0x20, 1, 0x20, 0, 0x10, 0, 0x21, 1,
  0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0,
  0x0b, 0x20, 1, 0x0b];
const sized = (body) => [...leb(body.length), ...body];

function assemble(names) {
  const bytes = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, vec([[0x60, 2, I32, I32, 1, I32], [0x60, 1, I32, 1, I32]])),
    ...section(3, vec([[0], [1]])),
    ...section(7, vec([[...str('run'), 0, 1]])),
    ...section(10, vec([sized(step), sized(run)]))];
  if (names) {
    const functions = vec(names.map((name, i) => [...leb(i), ...str(name)]));
    bytes.push(...section(0, [...str('name'), 1, ...leb(functions.length), ...functions]));
  }
  return new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(bytes))).exports;
}

const named = assemble(['wasm_step', 'wasm hot, loop']);
const bare = assemble(null);
let sink = 0;
function callNamed() { sink ^= named.run(200000); }
function callBare() { sink ^= bare.run(200000); }
while (Date.now() < end) { callNamed(); callBare(); }
if (sink === 0.5) console.log(sink);
