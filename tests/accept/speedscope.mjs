// Opens a file with speedscope's own importer, out of the bundle that npm has:
//   node speedscope.mjs FILE [SAMPLES]
// SAMPLES, where given, must be what its weights come to in samples.
import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runInThisContext } from 'node:vm';

const [file, samples] = process.argv.slice(2);
const release = join(process.env.ACCEPT_MODULES, 'speedscope/dist/release');
const bundle = readdirSync(release).find((name) => /^speedscope-.*\.js$/.test(name));
const code = readFileSync(join(release, bundle), 'utf8');
// The importer is loaded through a promise, which the page keeps to itself.
const found = /async function \w+\(\w+,\w+\)\{return\(await (\w+)\)\.importProfileGroupFromBase64/.exec(code);
if (!found) throw new Error(`${bundle} is built otherwise than 1.25.0`);
const opened = `${code.slice(0, found.index)}globalThis.IMPORTER=()=>${found[1]};${code.slice(found.index)}`;
const anything = new Proxy(() => {}, {
  get: (_, key) => (key === Symbol.toPrimitive ? () => '' : anything),
  apply: () => anything,
  construct: () => anything,
  set: () => true,
});
Object.assign(globalThis, {
  window: globalThis, self: globalThis, document: anything, localStorage: anything,
  location: { hash: '', protocol: 'file:' },
});
const log = console.log;
console.log = () => {};
try {
  runInThisContext(opened);
} catch (error) {
  // There is no page to draw on; the importer is there by then.
  if (!globalThis.IMPORTER) throw error;
}
const importer = await globalThis.IMPORTER();
const bytes = readFileSync(file).toString('base64');
const group = await importer.importProfileGroupFromBase64(basename(file), bytes);
console.log = log;
if (!group || group.profiles.length === 0) throw new Error('speedscope found no profile in it');
let sum = 0;
for (const profile of group.profiles) {
  sum += profile.getTotalWeight();
  log(`${profile.getName()}: ${profile.getTotalWeight()} ${profile.getWeightUnit()}, ${profile.formatValue(profile.getTotalWeight())}`);
  const frames = [];
  profile.forEachFrame((frame) => frames.push(frame));
  frames.sort((a, b) => b.getSelfWeight() - a.getSelfWeight());
  for (const frame of frames.slice(0, 3)) {
    log(`  ${frame.getSelfWeight()} ${frame.name} ${frame.file ?? ''}${frame.line ? `:${frame.line}` : ''}`);
  }
}
if (samples) {
  const each = sum / Number(samples);
  log(`${each} a sample`);
  if (!Number.isInteger(each)) throw new Error(`${sum} is no multiple of ${samples} samples`);
}
