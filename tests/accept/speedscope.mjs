// Opens a file with speedscope's own importer, out of the bundle that npm has:
//   node speedscope.mjs FILE [SAMPLES]
// SAMPLES, where given, must be what its weights come to in samples.
import { importFile } from './speedscope-importer.mjs';

const [file, samples] = process.argv.slice(2);
const group = await importFile(file);
if (!group || group.profiles.length === 0) throw new Error('speedscope found no profile in it');
let sum = 0;
for (const profile of group.profiles) {
  sum += profile.getTotalWeight();
  console.log(`${profile.getName()}: ${profile.getTotalWeight()} ${profile.getWeightUnit()}, ${profile.formatValue(profile.getTotalWeight())}`);
  const frames = [];
  profile.forEachFrame((frame) => frames.push(frame));
  frames.sort((a, b) => b.getSelfWeight() - a.getSelfWeight());
  for (const frame of frames.slice(0, 3)) {
    console.log(`  ${frame.getSelfWeight()} ${frame.name} ${frame.file ?? ''}${frame.line ? `:${frame.line}` : ''}`);
  }
}
if (samples) {
  const each = sum / Number(samples);
  console.log(`${each} a sample`);
  if (!Number.isInteger(each)) throw new Error(`${sum} is no multiple of ${samples} samples`);
}
