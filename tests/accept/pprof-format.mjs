// Decodes a pprof profile with Datadog's decoder: node pprof-format.mjs FILE SAMPLES
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const require = createRequire(join(process.env.ACCEPT_MODULES, 'accept.js'));
const { Profile } = require('pprof-format');
const [file, samples] = process.argv.slice(2);
const profile = Profile.decode(gunzipSync(readFileSync(file)));
const text = (number) => profile.stringTable.strings[Number(number)];
const sums = profile.sampleType.map((_, at) => profile.sample.reduce((sum, { value }) => sum + BigInt(value[at]), 0n));
profile.sampleType.forEach(({ type, unit }, at) => console.log(`${text(type)}/${text(unit)}: ${sums[at]}`));
const ids = new Set(profile.location.map(({ id }) => Number(id)));
const functions = new Set(profile.function.map(({ id }) => Number(id)));
const missing = profile.sample.flatMap(({ locationId }) => locationId).filter((id) => !ids.has(Number(id))).length
  + profile.location.flatMap(({ line }) => line).filter(({ functionId }) => !functions.has(Number(functionId))).length;
const inlined = profile.location.filter(({ line }) => line.length > 1).length;
const labels = new Set(profile.sample.flatMap(({ label }) => label.map(({ key }) => text(key))));
console.log(`${profile.sample.length} entries, ${ids.size} locations, ${inlined} of them with inlining, ${functions.size} functions, labels: ${[...labels].join(', ')}`);
console.log(`comments: ${profile.comment.map(text).join(' | ')}`);
if (missing > 0 || sums[0] !== BigInt(samples)) throw new Error(`${missing} ids lead nowhere, ${sums[0]} of ${samples} samples`);
