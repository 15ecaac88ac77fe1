// Measures the overhead that `record` adds to `node --prof`: the preloaded module with its marks
// and process.csv. Prints throughput, p95 and CPU for each request, with 95 % intervals, and the CPU
// that the module takes without any load, which a busy machine disturbs least.
//
//   node tests/bench/overhead.mjs [ROUNDS]
//
// Two starts of one program differ by more than the module costs. So one process of the shop of
// samples/app runs under a steady load, and its module is switched on and off in turn (on off, off
// on, ...) in slices of 1 or 2 seconds, because the speed of a shared machine changes within seconds. A
// timer that is switched off keeps the rest of its interval.
// Throughput and CPU come from users who ask again as soon as they are answered. A round has ten
// pairs of slices, as many as the module's longest interval has seconds, and gives one ratio.
// p95 is the hardest: clocks show mostly whether other programs delayed 5 % of the requests. So one user
// asks for carts of 1 to 60 items, in an order by chance that both slices of a pair share. The server's
// main thread is read before and after each request: its time on the processor holds the request and the
// module's work beside it, and no other program. From these times follows how long each request takes when
// they come at fixed times, at half of what the program can answer, and wait for the thread in turn. Sizes
// that differ make p95 a matter of many requests. Each pair of slices gives one ratio.
// The module works by timers. Under load, they follow the server's CPU time, so that other programs on
// the machine do not divide the module's work among fewer requests. The timer of the event loop's delay
// is Node's own and follows the clock: its part is too high where the server gets a share of a core, which
// the script prints.
// Waking an idle program costs more than a timer of a busy one, so the CPU
// that the module takes without load is an upper bound. Linux only: CPU comes from /proc.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';

const [rounds = 10] = process.argv.slice(2).map(Number);
const pairs = 10;
// Pairs of slices for p95 in each pair of the others, and their requests.
const [finePairs, fineRequests, halfLoad] = [3, 300, 0.5];
const root = path.resolve(import.meta.dirname, '../..');
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'spikeflame-overhead-'));
const carts = Array.from({ length: 60 }, (_, most) =>
  Array.from({ length: most + 1 }, (_, at) => at * 131).join(','));
const connections = 4;
const port = 3911;

fs.mkdirSync(path.join(work, '.spikeflame'));
const child = spawn(process.execPath, [
  '--prof', `--logfile=${work}/v8.log`, '--require', path.join(root, 'tests/bench/overhead-switch.cjs'),
  path.join(root, 'samples/app/before/server.js'),
], {
  env: { ...process.env, PORT: String(port), SPIKEFLAME_RUN: work },
  stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
});
await once(child.stdout, 'data');
const agent = new http.Agent({ keepAlive: true, maxSockets: connections, scheduling: 'fifo' });

// Time on the processor of all threads of the process, in seconds.
function cpu() {
  const tasks = `/proc/${child.pid}/task`;
  const threads = fs.readdirSync(tasks).map((task) => fs.readFileSync(`${tasks}/${task}/schedstat`, 'utf8'));
  return threads.reduce((sum, text) => sum + Number(text.split(' ')[0]), 0) / 1e9;
}

const ask = (items = carts.at(-1)) => new Promise((resolve, reject) => {
  http.get({ port, agent, host: '127.0.0.1', path: `/price?items=${items}` }, (response) =>
    response.resume().on('end', resolve)).on('error', reject);
});

// Seconds with the module's work by the clock of its timers, of which each gives a row of process.csv.
let [withS, isOn, clock, since] = [0, false, 'wall', 0];
const seconds = (by) => (by === 'cpu' ? cpu() : performance.now() / 1000);

async function set(on, by = 'cpu') {
  if (isOn) withS += seconds(clock) - since;
  child.send([on, by]);
  await once(child, 'message');
  [isOn, clock, since] = [on, by, seconds(by)];
}

// Loads the program with users who ask without a pause, and adds to the sums.
async function full(on, length, sums) {
  await set(on);
  const [began, before] = [performance.now(), cpu()];
  let answered = 0;
  const user = async () => {
    for (; performance.now() - began < length * 1000; answered++) await ask();
  };
  await Promise.all(Array.from({ length: connections }, user));
  sums.answered += answered;
  sums.ms += performance.now() - began;
  sums.cpu += cpu() - before;
}

const none = () => ({ answered: 0, ms: 0, cpu: 0 });

const main = fs.openSync(`/proc/${child.pid}/task/${child.pid}/schedstat`);
const bytes = Buffer.alloc(128);

// Time of the main thread on the processor, in milliseconds.
const mainMs = () => Number(bytes.toString('latin1', 0, fs.readSync(main, bytes, 0, 128, 0)).split(' ')[0]) / 1e6;

// Asks for carts one after the other, and returns the time of each on the processor.
async function one(on, order) {
  await set(on);
  const took = [];
  let last = mainMs();
  for (const cart of order) {
    await ask(carts[cart]);
    const now = mainMs();
    took.push(now - last);
    last = now;
  }
  return took;
}

function shuffled() {
  const order = Array.from({ length: fineRequests }, (_, at) => at % carts.length);
  for (let at = order.length - 1; at > 0; at--) {
    const other = Math.floor(Math.random() * (at + 1));
    [order[at], order[other]] = [order[other], order[at]];
  }
  return order;
}

// Returns the 95th percentile of the durations of requests that come every `everyMs`, and take the
// thread for these times, one after the other.
function p95(times, everyMs) {
  let waits = 0;
  const durations = times.map((ms) => {
    const duration = waits + ms;
    waits = Math.max(0, duration - everyMs);
    return duration;
  });
  return durations.sort((a, b) => a - b)[Math.floor(durations.length * 0.95)];
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

// Returns the ratio of p95 with the module's work and without it.
async function fine(isFirst) {
  const order = shuffled();
  const times = {};
  for (const on of [isFirst, !isFirst]) times[on] = await one(on, order);
  const everyMs = mean([...times.true, ...times.false]) / halfLoad;
  return p95(times.true, everyMs) / p95(times.false, everyMs);
}

// Returns the share of a core that the idle program takes.
async function idle(on, length) {
  await set(on, 'wall');
  const [began, before] = [performance.now(), cpu()];
  await new Promise((resolve) => setTimeout(resolve, length * 1000));
  return (cpu() - before) / ((performance.now() - began) / 1000);
}

const ratios = { throughput: [], 'CPU for each request': [], 'p95 at half load': [] };
// Code is compiled, and memory has grown, before it counts.
const warm = none();
for (const on of [true, false]) await full(on, 5, warm);
for (const on of [true, false]) await one(on, shuffled());
let [loadedMs, loadedCpu] = [0, 0];
const idles = [];
for (let round = 0; round < rounds; round++) {
  const sums = { true: none(), false: none() };
  const idled = { true: 0, false: 0 };
  for (let pair = 0; pair < pairs; pair++) {
    const order = pair % 2 ? [false, true] : [true, false];
    for (const on of order) await full(on, 1, sums[on]);
    for (let at = 0; at < finePairs; at++) ratios['p95 at half load'].push(await fine((pair + at) % 2 === 0));
    for (const on of order) idled[on] += await idle(on, 1) / pairs;
  }
  const [on, off] = [sums.true, sums.false];
  ratios.throughput.push((on.answered / on.ms) / (off.answered / off.ms));
  ratios['CPU for each request'].push((on.cpu / on.answered) / (off.cpu / off.answered));
  loadedMs += on.ms + off.ms;
  loadedCpu += on.cpu + off.cpu;
  idles.push(100 * (idled.true - idled.false));
}
await set(false);
agent.destroy();
child.kill('SIGTERM');
await once(child, 'exit');
const written = fs.readFileSync(path.join(work, 'process.csv'), 'utf8').split('\n').length - 1;
fs.rmSync(work, { recursive: true, force: true });

console.log(`node ${process.version}, ${os.availableParallelism()} cores, load ${os.loadavg()[0].toFixed(1)}; ${rounds} rounds of ${pairs} pairs, ${ratios['p95 at half load'].length} pairs for p95, ${written} rows of process.csv in ${withS.toFixed(0)} s with the module`);
console.log(`under full load, the server got ${(100 * loadedCpu / (loadedMs / 1000)).toFixed(0)} % of a core (all threads)`);
console.log('\n| with the work of the module, beside without | ratio | 95 % interval |\n|---|---|---|');
// The Hodges-Lehmann estimate and the 95 % interval of Wilcoxon's signed-rank test, by its normal
// approximation: medians of the means of all pairs of values. A machine that pauses in one slice of
// time would decide an arithmetic mean.
function interval(values) {
  const n = values.length;
  const means = values.flatMap((one, at) => values.slice(at).map((other) => (one + other) / 2));
  means.sort((a, b) => a - b);
  const last = means.length - 1;
  const cut = Math.floor(n * (n + 1) / 4 - 1.96 * Math.sqrt(n * (n + 1) * (2 * n + 1) / 24));
  const low = Math.min(Math.max(cut, 0), last);
  return [(means[Math.floor(last / 2)] + means[Math.ceil(last / 2)]) / 2, means[low], means[last - low]];
}
for (const [name, values] of Object.entries(ratios)) {
  const [ratio, low, high] = interval(values.map(Math.log)).map((log) => Math.exp(log).toFixed(4));
  console.log(`| ${name} | ${ratio} | ${low} to ${high} |`);
}
const [share, low, high] = interval(idles).map((value) => value.toFixed(2));
console.log(`\nwithout load, where each timer wakes the program, the module takes ${share} % of a core (${low} to ${high} %)`);
