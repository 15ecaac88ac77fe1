// Opens a file with the Firefox Profiler's own code, out of its command line:
//   node profiler-cli.mjs FILE SAMPLES
// The samples of its threads must add up to SAMPLES, and no counter may be without a curve.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [file, samples] = process.argv.slice(2);
const program = join(process.env.ACCEPT_MODULES, '@firefox-devtools/profiler-cli/dist/profiler-cli.js');
const sessions = mkdtempSync(join(tmpdir(), 'accept-'));
const env = { ...process.env, PROFILER_CLI_SESSION_DIR: sessions, PROFILER_CLI_NO_SYMBOLICATE: '1' };
const ask = (...args) => execFileSync(process.execPath, [program, ...args, '--session', 'accept'],
  { env, maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'pipe'] });
const asked = (...args) => JSON.parse(ask(...args, '--json'));
let sum = 0;
try {
  ask('load', file);
  for (const { threadHandle, name } of asked('thread', 'list', '--limit', '0').threads) {
    const { functions, weightType } =
      asked('thread', 'functions', '--thread', threadHandle, '--include-idle', '--limit', '0');
    const own = functions.reduce((all, { selfSamples }) => all + selfSamples, 0);
    console.log(`${name}: ${own} ${weightType}, ${functions.length} functions`);
    for (const { nameWithLibrary, selfSamples } of functions.slice(0, 3)) console.log(`  ${selfSamples} ${nameWithLibrary}`);
    sum += own;
  }
  for (const { label, graphType, graph } of asked('counter', 'list').counters) {
    const [low, high] = [Math.min(...graph), Math.max(...graph)];
    console.log(`counter ${label}: ${graph.length} points, ${low} to ${high} (${graphType})`);
    if (low < 0 || graph.length === 0) throw new Error(`${label} is drawn as its changes`);
  }
} finally {
  try { ask('stop'); } catch { /* It never began. */ }
  rmSync(sessions, { recursive: true, force: true });
}
if (sum !== Number(samples)) throw new Error(`${sum} of ${samples} samples`);
