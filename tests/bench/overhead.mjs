// Measures the overhead that `record` adds to `node --prof`: the preloaded module with its marks
// and process.csv. Prints throughput, p95 and CPU for each request, with 95 % intervals.
//
//   node tests/bench/overhead.mjs [ROUNDS] [SLICES]
//
// Each round starts the shop of samples/app twice, once with the module. Both get the same
// load in turn, for half a second each (A B B A ...), so that a change of the machine's speed
// meets both. A round gives one ratio; the interval is that of the rounds, since two starts of
// one program differ too. Linux only: CPU comes from /proc.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';

const [rounds = '10', slices = '12'] = process.argv.slice(2);
const root = path.resolve(import.meta.dirname, '../..');
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'spikeflame-overhead-'));
const items = Array.from({ length: 60 }, (_, at) => at * 131).join(',');
const connections = 4;

async function start(name, port, preload) {
  const folder = path.join(work, name);
  fs.mkdirSync(path.join(folder, '.spikeflame'), { recursive: true });
  const env = { ...process.env, PORT: String(port) };
  if (preload) {
    env.NODE_OPTIONS = `--require "${path.join(root, 'crates/record/src/preload.cjs')}"`;
    env.SPIKEFLAME_RUN = folder;
  }
  const script = path.join(root, 'samples/app/before/server.js');
  const child = spawn(process.execPath, ['--prof', `--logfile=${folder}/v8.log`, script],
    { env, stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  return { child, port, agent, requests: 0, took: [], seconds: 0, cpu: 0 };
}

// User and system time of a process, in clock ticks.
const cpuOf = ({ child }) => {
  const fields = fs.readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return Number(fields[11]) + Number(fields[12]);
};

const ask = ({ port, agent }) => new Promise((resolve, reject) => {
  http.get({ port, agent, host: '127.0.0.1', path: `/price?items=${items}` }, (response) =>
    response.resume().on('end', resolve)).on('error', reject);
});

async function load(side, ms, counts) {
  const began = performance.now();
  const before = cpuOf(side);
  const user = async () => {
    while (performance.now() - began < ms) {
      const start = performance.now();
      await ask(side);
      if (counts) { side.took.push(performance.now() - start); side.requests++; }
    }
  };
  await Promise.all(Array.from({ length: connections }, user));
  if (!counts) return;
  side.seconds += (performance.now() - began) / 1000;
  side.cpu += cpuOf(side) - before;
}

const end = (side) => new Promise((resolve) => {
  side.agent.destroy();
  side.child.on('exit', resolve);
  side.child.kill('SIGTERM');
});

const p95 = (took) => took.sort((a, b) => a - b)[Math.floor(took.length * 0.95)];

// Student's t for 97.5 %, by degrees of freedom.
const T = [0, 12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.2, 2.18, 2.16, 2.14, 2.13,
  2.12, 2.11, 2.1, 2.09, 2.09];

const ratios = { throughput: [], p95: [], 'CPU for each request': [] };
for (let round = 0; round < Number(rounds); round++) {
  const [a, b] = await Promise.all([start(`${round}-a`, 3911, false), start(`${round}-b`, 3912, true)]);
  // Code is compiled, and memory has grown, before it counts.
  for (const side of [a, b, a, b]) await load(side, 1000, false);
  for (let at = 0; at < Number(slices); at++) {
    for (const side of at % 2 ? [b, a] : [a, b]) await load(side, 500, true);
  }
  ratios.throughput.push(b.requests / b.seconds / (a.requests / a.seconds));
  ratios.p95.push(p95(b.took) / p95(a.took));
  ratios['CPU for each request'].push(b.cpu / b.requests / (a.cpu / a.requests));
  await Promise.all([end(a), end(b)]);
  fs.rmSync(work, { recursive: true, force: true });
}

console.log(`node ${process.version}, ${os.availableParallelism()} cores, load ${os.loadavg()[0].toFixed(1)}; ${rounds} rounds`);
console.log('\n| with the module, beside without | ratio | 95 % interval |\n|---|---|---|');
for (const [name, values] of Object.entries(ratios)) {
  const logs = values.map(Math.log);
  const mean = logs.reduce((sum, one) => sum + one, 0) / logs.length;
  const deviation = Math.sqrt(logs.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (logs.length - 1));
  const half = (T[logs.length - 1] ?? 2) * deviation / Math.sqrt(logs.length);
  const [ratio, low, high] = [mean, mean - half, mean + half].map((log) => Math.exp(log).toFixed(4));
  console.log(`| ${name} | ${ratio} | ${low} to ${high} |`);
}
