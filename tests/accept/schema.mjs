// Validates a file by speedscope's JSON schema: node schema.mjs FILE
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.env.ACCEPT_MODULES, 'accept.js'));
const Ajv = require('ajv');
const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
const schema = read(join(process.env.ACCEPT_MODULES, 'speedscope/dist/release/file-format-schema.json'));
const validate = new Ajv({ strict: false }).compile(schema);
if (!validate(read(process.argv[2]))) {
  console.log(validate.errors.slice(0, 5));
  process.exit(1);
}
console.log('valid');
