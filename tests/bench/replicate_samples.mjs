// Makes a long .cpuprofile out of a real one: its samples over and over, in the
// same call tree.
//
//   node replicate_samples.mjs PROFILE OUT SAMPLES
import { readFileSync, writeFileSync } from 'node:fs';

const [input, output, count] = process.argv.slice(2);
const { nodes, samples, timeDeltas, startTime } = JSON.parse(readFileSync(input, 'utf8'));
const long = { nodes, samples: [], timeDeltas: [], startTime };
let time = startTime;
for (let at = 0; at < Number(count); at++) {
  long.samples.push(samples[at % samples.length]);
  // Neither two copies nor their samples fall into step.
  const delta = Math.max(1, timeDeltas[at % samples.length] + (at % 7) - 3);
  long.timeDeltas.push(delta);
  time += delta;
}
long.endTime = time;
writeFileSync(output, JSON.stringify(long));
