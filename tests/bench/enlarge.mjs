// Makes a large .cpuprofile or Chrome trace out of a real .cpuprofile.
//
//   node enlarge.mjs cpuprofile|chrome IN OUT BYTES
//
// The nodes are as they were; the samples and the time between them come over
// and over until OUT has BYTES. A Chrome trace has them in ProfileChunk events
// of 100 samples, as DevTools write them.
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

const [kind, input, output, size] = process.argv.slice(2);
const target = Number(size);
if (!['cpuprofile', 'chrome'].includes(kind) || !(target > 0)) {
  console.error('usage: node enlarge.mjs cpuprofile|chrome IN OUT BYTES');
  process.exit(2);
}

const profile = JSON.parse(readFileSync(input));
const { nodes, samples, timeDeltas, startTime } = profile;
const out = openSync(output, 'w');
let written = 0;
function write(text) {
  written += writeSync(out, text);
}

const span = timeDeltas.reduce((sum, delta) => sum + delta, 0);
if (kind === 'cpuprofile') {
  const oneRound = JSON.stringify(samples).length + JSON.stringify(timeDeltas).length;
  write(`{"nodes":${JSON.stringify(nodes)}`);
  const rounds = Math.max(1, Math.round((target - written) / oneRound));
  write(`,"startTime":${startTime},"endTime":${startTime + rounds * span},"samples":[`);
  const repeat = (list) => {
    const text = JSON.stringify(list).slice(1, -1);
    for (let i = 0; i < rounds; i++) write(i ? `,${text}` : text);
  };
  repeat(samples);
  write('],"timeDeltas":[');
  repeat(timeDeltas);
  write(']}');
} else {
  const common = { cat: 'disabled-by-default-v8.cpu_profiler', id: '0x1', pid: 1, tid: 1 };
  let at = startTime;
  const chunk = (args) => `,\n${JSON.stringify({ ...common, name: 'ProfileChunk', ph: 'P', ts: at, args: { data: args } })}`;
  write(`{"traceEvents":[\n${JSON.stringify({ ...common, name: 'Profile', ph: 'P', ts: at, args: { data: { startTime } } })}`);
  write(`,\n${JSON.stringify({ name: 'thread_name', ph: 'M', cat: '__metadata', ts: 0, pid: 1, tid: 1, args: { name: 'CrRendererMain' } })}`);
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  // A chunk brings its nodes with their parents, parents first.
  const tree = nodes.map(({ id, callFrame }) => ({ id, callFrame, parent: parents.get(id) }));
  for (let i = 0; i < tree.length; i += 1000) {
    write(chunk({ cpuProfile: { nodes: tree.slice(i, i + 1000), samples: [] }, timeDeltas: [] }));
  }
  while (written < target) {
    for (let i = 0; i < samples.length && written < target; i += 100) {
      const deltas = timeDeltas.slice(i, i + 100);
      write(chunk({ cpuProfile: { samples: samples.slice(i, i + 100) }, timeDeltas: deltas }));
      at += deltas.reduce((sum, delta) => sum + delta, 0);
    }
  }
  write('\n]}\n');
}
closeSync(out);
