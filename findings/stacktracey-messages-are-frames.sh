#!/usr/bin/env bash
# stacktracey takes the message of an error for the function that threw it, when the message has "at" or "@" in it.
#
# The README has `stack.items[0]` for the top of a stack, with `callee`, `file` and `line`. The package reads each line
# of `error.stack` for itself, and a message is in the first of them: "at" with two words behind it is a call to it,
# as is any text with an "@", which Firefox writes between function and file. So the first entry of an error of
# JSON.parse is a function "position", below one in a file "SyntaxError" whose line is the message; the error of a
# missing user is thrown by "Error: no account for kim". The true place follows one or two entries later. `clean()`
# and the printed table begin with the wrong one as well. error-stack-parser has the right place first.
#
# Seen with stacktracey 2.2.0 and error-stack-parser 2.1.4 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they count the errors of a load test by the function that threw them.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts stacktracey@2.2.0 error-stack-parser@2.1.4
cat >errors.js <<'JS'
const { readFileSync } = require('node:fs');
const ErrorStackParser = require('error-stack-parser');
const StackTracey = require('stacktracey');
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
console.log(`stacktracey ${version('stacktracey')}, error-stack-parser ${version('error-stack-parser')}, node ${process.version}`);
const errors = {
  plain: () => { throw new Error('no such order'); },
  parse: () => JSON.parse('{"id":7 "sum":3}'),
  mail: () => { throw new Error('no account for kim@example.org'); },
  step: () => { throw new Error('the upload stopped at 3 MB of 7'); },
};
const wrong = [];
for (const [name, fail] of Object.entries(errors)) {
  try {
    fail();
  } catch (error) {
    const { items } = new StackTracey(error);
    const [first] = items;
    const [parsed] = ErrorStackParser.parse(error);
    // The innermost frame of this file, which is the function itself or, for JSON.parse, its caller.
    const truth = /at (?:errors|Object|fail)?\.?(\S+) \(.*errors\.js:(\d+)/.exec(error.stack);
    const place = ({ callee, file, line }) => `"${callee}" in ${file.split('/').pop() || 'no file'}, line ${line}`;
    console.log(`${error.message}\n  thrown in ${truth[1]}, line ${truth[2]}\n  stacktracey: ${items.slice(0, 2).map(place).join('; ')}\n  error-stack-parser: "${parsed.functionName}", line ${parsed.lineNumber}`);
    const isMessage = !error.stack.split('\n').slice(1).some((line) => line.includes(`at ${first.callee} `));
    if (isMessage) wrong.push(name);
    if (Number(truth[2]) !== parsed.lineNumber) process.exit(1);
  }
}
process.exit(wrong.join() === 'parse,mail,step' ? 0 : 1);
JS
node errors.js
