// Checks the structure of a processed profile of the Firefox Profiler, as its
// own types describe it (version 55): node firefox.mjs FILE SAMPLES
import { readFileSync } from 'node:fs';

const [file, samples] = process.argv.slice(2);
const { meta, threads, libs } = JSON.parse(readFileSync(file, 'utf8'));
const check = (truth, what) => { if (!truth) throw new Error(what); };
check(meta.preprocessedProfileVersion === 55, `version ${meta.preprocessedProfileVersion}`);
check(meta.categories.some(({ color }) => color === 'grey'), 'no grey category');
let sum = 0;
for (const thread of threads) {
  const { samples, stackTable, frameTable, funcTable, resourceTable, stringArray, nativeSymbols } = thread;
  for (const [name, table] of Object.entries({ samples, stackTable, frameTable, funcTable, resourceTable, nativeSymbols })) {
    for (const [column, values] of Object.entries(table)) {
      if (Array.isArray(values)) check(values.length === table.length, `${name}.${column} has ${values.length} of ${table.length}`);
    }
  }
  const within = (values, length, what) => check(values.every((at) => at === null || at === -1 || (at >= 0 && at < length)), what);
  within(samples.stack, stackTable.length, 'samples.stack');
  within(stackTable.frame, frameTable.length, 'stackTable.frame');
  check(stackTable.prefix.every((at, own) => at === null || at < own), 'stackTable.prefix');
  within(frameTable.func, funcTable.length, 'frameTable.func');
  within(frameTable.category, meta.categories.length, 'frameTable.category');
  within(frameTable.nativeSymbol, nativeSymbols.length, 'frameTable.nativeSymbol');
  within(funcTable.name, stringArray.length, 'funcTable.name');
  within(funcTable.resource, resourceTable.length, 'funcTable.resource');
  within(resourceTable.lib, libs.length, 'resourceTable.lib');
  check(samples.timeDeltas.every((delta) => delta >= 0), 'samples.timeDeltas');
  const weight = samples.weight.reduce((all, one) => all + one, 0);
  const ms = samples.timeDeltas.reduce((all, one) => all + one, 0);
  console.log(`${thread.processName} / ${thread.name}: ${weight} ${samples.weightType} in ${ms.toFixed(1)} ms, ${funcTable.length} functions, ${funcTable.isJS.filter(Boolean).length} of JavaScript`);
  sum += weight;
}
console.log(`categories: ${meta.categories.map(({ name, subcategories }) => `${name} (${subcategories.join(', ')})`).join('; ')}`);
check(sum === Number(samples), `${sum} of ${samples} samples`);
