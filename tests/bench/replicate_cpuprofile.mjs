// Makes a large .cpuprofile out of a real one.
//
//   node replicate_cpuprofile.mjs PROFILE OUT BYTES
//
// The real nodes and samples over and over, each time under new ids and a copy
// of the root's children, until OUT has BYTES: so nodes, samples and times grow
// as in a longer recording of a larger program, and times never fall. Written
// piece by piece, as nothing of that size can be stringified at once.
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

const [input, output, size] = process.argv.slice(2);
const target = Number(size);
if (!output || !(target > 0)) {
  console.error('usage: node replicate_cpuprofile.mjs PROFILE OUT BYTES');
  process.exit(2);
}

const { nodes, samples, timeDeltas, startTime } = JSON.parse(readFileSync(input, 'utf8'));
const root = nodes[0];
const span = Math.max(...nodes.map((node) => node.id));
const shift = (id, by) => (id === root.id ? id : id + by);
const bytesOf = (value) => Buffer.byteLength(JSON.stringify(value));
const rounds = Math.max(1, Math.round(target / bytesOf({ nodes, samples, timeDeltas })));

const out = openSync(output, 'w');
let pending = '';
function write(text) {
  pending += text;
  if (pending.length > 8 << 20) flush();
}
function flush() {
  const bytes = Buffer.from(pending);
  for (let at = 0; at < bytes.length; ) at += writeSync(out, bytes, at);
  pending = '';
}

const times = (step) => Array.from({ length: rounds }, (_, round) => step(round * span));
const below = times((by) => root.children.map((id) => shift(id, by))).flat();
write(`{"nodes":[${JSON.stringify({ ...root, children: below })}`);
for (let round = 0; round < rounds; round++) {
  const by = round * span;
  for (const node of nodes.slice(1)) {
    const children = node.children?.map((id) => shift(id, by));
    write(`,${JSON.stringify({ ...node, id: shift(node.id, by), children })}`);
  }
}
const length = timeDeltas.reduce((sum, delta) => sum + delta, 0) * rounds;
write(`],"startTime":${startTime},"endTime":${startTime + length},"samples":[`);
for (let round = 0; round < rounds; round++) {
  write((round ? ',' : '') + samples.map((id) => shift(id, round * span)).join(','));
}
write('],"timeDeltas":[');
for (let round = 0; round < rounds; round++) write((round ? ',' : '') + timeDeltas.join(','));
write(']}');
flush();
closeSync(out);
