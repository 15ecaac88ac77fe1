// Prints the self weights of functions by name, as another program has them, as JSON:
//   node shares.mjs speedscope|devtools FILE
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [program, file] = process.argv.slice(2);
const self = {};
const add = (name, weight) => (self[name] = (self[name] ?? 0) + weight);
if (program === 'speedscope') {
  const { importFile } = await import('./speedscope-importer.mjs');
  const group = await importFile(file);
  for (const profile of group.profiles) {
    profile.forEachFrame((frame) => add(frame.name, frame.getSelfWeight()));
  }
} else {
  const model = join(process.env.ACCEPT_MODULES, '@paulirish/trace_engine/models/cpu_profile/CPUProfileDataModel.js');
  const { CPUProfileDataModel } = await import(pathToFileURL(model));
  const profile = new CPUProfileDataModel(JSON.parse(readFileSync(file, 'utf8')));
  for (const node of profile.nodes()) add(node.callFrame.functionName, node.self);
}
console.log(JSON.stringify(self));
