#!/usr/bin/env bash
# Three parsers of stacks take the word "async" for a part of a file's name, or for a function.
#
# Node writes `at async load (file:1:2)` for a function that awaits, and `at async file:1:2` when it has no name. For
# the second form error-stack-parser and stack-utils report a file named "async /app/main.js"; no such file exists,
# and a source map or a link to it is not found. stacktrace-parser reports a function named "async", so all awaiting
# functions without a name are one function in a list by name. In the first form all three write "async load" as the
# name: a function that throws before its first `await` and the one that throws after it have two names. Each parser
# is right with the lines of functions that do not await.
#
# Seen with error-stack-parser 3.0.0, stack-utils 2.0.6 and stacktrace-parser 0.1.11 on Node 20. Exit code 0: still
# so. 1: the behaviour changed. Users meet it when they group the errors of a load test by file or by function.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts error-stack-parser@3.0.0 stack-utils@2.0.6 stacktrace-parser@0.1.11
cat >parse.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import errors from 'error-stack-parser';
import StackUtils from 'stack-utils';
import * as stacktrace from 'stacktrace-parser';
const version = (name) => `${name} ${JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version}`;
console.log(`${version('error-stack-parser')}, ${version('stack-utils')}, ${version('stacktrace-parser')}, node ${process.version}`);
async function load() { await null; throw new Error('after the await'); }
async function outer() { await load(); }
const later = await (async () => { await outer(); })().catch((error) => error);
const plain = (function named() { return (() => new Error('no await'))(); })();
const utils = new StackUtils({ internals: [] });
const parsers = {
  'error-stack-parser': (error) => (errors.default ?? errors).parse(error).map((frame) => [frame.functionName, frame.fileName]),
  'stack-utils': (error) => error.stack.split('\n').slice(1).map((line) => utils.parseLine(line)).map((frame) => [frame.function, frame.file]),
  'stacktrace-parser': (error) => stacktrace.parse(error.stack).map((frame) => [frame.methodName, frame.file]),
};
const folder = fileURLToPath(new URL('.', import.meta.url));
const short = (value) => String(value ?? '').replace('file://', '').replace(folder, '');
console.log(later.stack.replaceAll(folder, '').replaceAll('file://', ''));
const found = [];
for (const [name, parse] of Object.entries(parsers)) {
  const [awaited, others] = [later, plain].map((error) => parse(error).map((frame) => frame.map(short)));
  console.log(`${name}: function and file`, awaited);
  const right = others.length > 1 && others.every(([, file]) => file === 'parse.mjs') && others[1][0] === 'named';
  // The second frame is `outer`, and the third one is the function without a name.
  found.push(right && awaited[1][0] === 'async outer', awaited[2].join('|'));
}
process.exit(found.join() === 'true,|async parse.mjs,true,|async parse.mjs,true,async|parse.mjs' ? 0 : 1);
JS
node parse.mjs
