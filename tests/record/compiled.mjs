// Reduces a tick log on standard input to what a test of source maps within scripts needs:
// of the scripts' texts only that of `enum.ts` stays, and its map has made-up paths.
//
//   node tests/record/compiled.mjs FOLDER <isolate-0x1-v8.log | zstd -19 >FILE.log.zst
//
// FOLDER is the folder in which `tests/record/programs/enum.ts` was copied and run, as
// `node --prof --experimental-transform-types enum.ts` and `node --prof --import tsx enum.ts`.
import { readFileSync } from 'node:fs';

const folder = process.argv[2];
const made = (text) => text.replaceAll(folder, '/srv/app');
const line = (text) => {
  if (text.startsWith('script-source,') && !text.slice(0, 300).includes('enum.ts')) return [];
  const packed = (data) => Buffer.from(made(Buffer.from(data, 'base64').toString())).toString('base64');
  const map = /(?<=^script-source.*base64\\x2C)[A-Za-z0-9+/=]+/;
  const node = /[^ ,]*\/n(\d+)\/node_modules\/node\/bin\/node/g;
  return [made(text.replace(map, packed)).replace(node, '/opt/node$1/bin/node')];
};
const text = readFileSync(0, 'latin1');
process.stdout.write(Buffer.from(text.split('\n').flatMap(line).join('\n'), 'latin1'));
