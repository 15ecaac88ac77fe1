#!/usr/bin/env node
// Starts the program of this platform's package, in place of this process where Node can.
'use strict';

const { spawn } = require('node:child_process');

const name = `@spikeflame/${process.platform}-${process.arch}`;
const file = process.platform === 'win32' ? 'spikeflame.exe' : 'spikeflame';

let program;
try {
  program = require.resolve(`${name}/${file}`);
} catch {
  console.error(
    `spikeflame: the package ${name} is not installed.\n` +
      'It is an optional dependency: install again without --omit=optional (or --no-optional). ' +
      'If there is no such package for this platform, build from source: ' +
      'cargo install --locked --path crates/cli',
  );
  process.exit(1);
}

const args = process.argv.slice(2);
if (typeof process.execve === 'function' && process.platform !== 'win32') {
  // Node 22.15 and later. Signals, standard streams and the exit code are the program's own.
  process.execve(program, [program, ...args], process.env);
}

const child = spawn(program, args, { stdio: 'inherit' });
// A terminal sends Ctrl-C to every process of its group, so the program has it already.
// Sent by anything else, a signal reaches only this process and is passed on.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  });
}
child.on('error', (error) => {
  console.error(`spikeflame: ${program}: ${error.message}`);
  process.exit(1);
});
child.on('exit', (code, signal) => {
  if (signal === null) process.exit(code);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
