// Leaves of a perf map or a jitdump what the samples of a recording hit.
//   perf script -F ip -i X | node perf-strip.mjs MAP-OR-DUMP > STRIPPED
// A dump's code is replaced by zeros, which pack well.
import fs from 'node:fs';

const file = process.argv[2];
const hit = [...new Set(fs.readFileSync(0, 'latin1').match(/\b[0-9a-f]{5,16}\b/g))]
  .map((ip) => BigInt(`0x${ip}`)).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
const isHit = (start, size) => {
  let [low, high] = [0, hit.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (hit[middle] < start) low = middle + 1; else high = middle;
  }
  return low < hit.length && hit[low] <= start + size;
};

const bytes = fs.readFileSync(file);
if (bytes.readUInt32LE(0) === 0x4a695444) {
  const kept = [bytes.subarray(0, bytes.readUInt32LE(8))];
  for (let at = kept[0].length; at + 16 <= bytes.length;) {
    const [kind, size] = [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)];
    const record = Buffer.from(bytes.subarray(at, at + size));
    at += size;
    if (kind === 0) {
      const [start, code] = [record.readBigUInt64LE(32), record.readBigUInt64LE(40)];
      if (!isHit(start, code)) continue;
      record.fill(0, record.length - Number(code));
    }
    // Positions and unwinding are not read.
    if (kind !== 2 && kind !== 4) kept.push(record);
  }
  process.stdout.write(Buffer.concat(kept));
} else {
  const lines = bytes.toString('latin1').split('\n').filter((line) => {
    const [start, size] = line.split(' ');
    return size && isHit(BigInt(`0x${start}`), BigInt(`0x${size}`));
  });
  process.stdout.write(Buffer.from(`${lines.join('\n')}\n`, 'latin1'));
}
