// Makes a large tick log out of a real one.
//
//   node replicate.mjs LOG OUT BYTES
//
// Every record that is not a tick comes first, as it was; then the real tick
// lines over and over, until OUT has BYTES; then `profiler,end`. Each round
// starts where the one before it ended, so times never fall. Bytes are copied
// as they are: function names in a log need not be UTF-8.
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

const [input, output, size] = process.argv.slice(2);
const target = Number(size);
if (!output || !(target > 0)) {
  console.error('usage: node replicate.mjs LOG OUT BYTES');
  process.exit(2);
}

const NEWLINE = 0x0a;
const COMMA = 0x2c;
const TICK = Buffer.from('tick,');
const END = Buffer.from('profiler,end');

const log = readFileSync(input);
const out = openSync(output, 'w');
let pending = [];
let pendingBytes = 0;
let written = 0;

function flush() {
  const block = Buffer.concat(pending, pendingBytes);
  for (let at = 0; at < block.length; ) at += writeSync(out, block, at);
  pending = [];
  pendingBytes = 0;
}

function write(bytes) {
  pending.push(bytes);
  pendingBytes += bytes.length;
  written += bytes.length;
  if (pendingBytes > 8 << 20) flush();
}

const startsWith = (line, word) => line.subarray(0, word.length).equals(word);

// A tick is `tick,<pc>,<time>,<rest>`: kept as what is before the time, the
// time, and what is behind it.
const ticks = [];
for (let at = 0; at < log.length; ) {
  const newline = log.indexOf(NEWLINE, at);
  if (newline < 0) break; // cut off in the middle: not a real line
  const line = log.subarray(at, newline + 1);
  at = newline + 1;
  if (!startsWith(line, TICK)) {
    if (!startsWith(line, END)) write(line);
    continue;
  }
  const from = line.indexOf(COMMA, TICK.length) + 1;
  const to = line.indexOf(COMMA, from);
  const time = Number(line.toString('latin1', from, to));
  if (from > 0 && to > from && Number.isInteger(time)) {
    ticks.push({ head: line.subarray(0, from), time, tail: line.subarray(to) });
  }
}
if (ticks.length === 0) {
  console.error(`${input}: no ticks to replicate`);
  process.exit(1);
}

let zero = 0;
let last = 0;
replicate: for (;;) {
  for (const { head, time, tail } of ticks) {
    if (written >= target) break replicate;
    last = Math.max(last, zero + time);
    write(head);
    write(Buffer.from(String(last), 'latin1'));
    write(tail);
  }
  zero = last;
}
write(Buffer.from('profiler,end\n'));
flush();
closeSync(out);
