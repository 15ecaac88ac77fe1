// Opens a .cpuprofile with the model of Chrome's DevTools: node devtools.mjs FILE SAMPLES
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const model = join(process.env.ACCEPT_MODULES, '@paulirish/trace_engine/models/cpu_profile/CPUProfileDataModel.js');
const { CPUProfileDataModel } = await import(pathToFileURL(model));
const [file, samples] = process.argv.slice(2);
const raw = JSON.parse(readFileSync(file, 'utf8'));
const profile = new CPUProfileDataModel(raw);
const nodes = profile.nodes();
const span = profile.profileEndTime - profile.profileStartTime;
const named = nodes.filter((node) => node.callFrame.functionName !== '(root)');
const self = named.reduce((sum, node) => sum + node.self, 0);
console.log(`${nodes.length} nodes, ${profile.samples.length} samples, ${span.toFixed(1)} ms, of which ${self.toFixed(1)} ms in functions`);
const byName = new Map();
for (const node of named) {
  const { functionName, url, lineNumber } = node.callFrame;
  const name = `${functionName || '(anonymous)'} ${url}${url && `:${lineNumber + 1}`}`;
  byName.set(name, (byName.get(name) ?? 0) + node.self);
}
for (const [name, ms] of [...byName].sort((a, b) => b[1] - a[1]).slice(0, 3)) console.log(`  ${ms.toFixed(1)} ms ${name}`);
// The hits of the root are pauses, which belong to no function.
const hits = raw.nodes.slice(1).reduce((sum, node) => sum + node.hitCount, 0);
if (hits !== Number(samples)) throw new Error(`${hits} hits of ${samples} samples`);
if (!(self > 0 && self <= span * 1.01)) throw new Error(`${self} ms of ${span} ms`);
