// speedscope's own importer, out of the bundle that npm has. While it is loaded, the page that it
// expects is a stand-in, and the console is quiet.
import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runInThisContext } from 'node:vm';

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
console.log = log;

// Imports a file; the result is speedscope's group of profiles.
export async function importFile(file) {
  console.log = () => {};
  try {
    const importer = await globalThis.IMPORTER();
    const bytes = readFileSync(file).toString('base64');
    return await importer.importProfileGroupFromBase64(basename(file), bytes);
  } finally {
    console.log = log;
  }
}
