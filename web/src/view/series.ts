import { nanoseconds } from '../format';
import { IDLE, GC, type RunData } from '../session';

/** Seconds that a point of the CPU and a column of the heat map stand for: less than one in a short run. */
export function stepOf(run: RunData): number {
  const seconds = run.head.end_us / 1e6;
  if (seconds > 10) return 1;
  if (seconds > 2) return 0.2;
  return seconds > 0.5 ? 0.05 : 0.01;
}

/** CPU of the main thread, one value for each step of the axis. */
export interface Cpu {
  /** The start of the first step, in seconds of the axis. */
  first: number;
  /** Seconds of a step. */
  step: number;
  /** Shares of a core in per cent, or samples a second when `inSamples` is true. */
  busy: Float64Array;
  gc: Float64Array;
  inSamples: boolean;
  /** True when the kernel counted the shares, and false when the samples did. */
  byKernel: boolean;
}

/** Calls `add` with each step in which a time lies, and the share of the step that it takes. `start` is that of the first step, in seconds of the axis. */
function spread(run: RunData, from: number, to: number, start: number, step: number, add: (at: number, share: number) => void): void {
  const [a, b] = [from, to].map((us) => (run.seconds(us) - start) / step) as [number, number];
  for (let at = Math.max(0, Math.floor(a)); at < b; at++) add(at, Math.min(b, at + 1) - Math.max(a, at));
}

/** The thread that was busier than the main thread, by its number; null when none was. */
export function busierThan(run: RunData): number | null {
  const kinds = run.leafKinds;
  const busy = run.profile.threads.map(({ stacks, weights }) =>
    stacks.reduce((sum, stack, at) => (kinds[stack] === IDLE ? sum : sum + (weights ? weights[at]! : 1)), 0));
  const most = busy.indexOf(Math.max(...busy));
  return busy.length > 1 && busy[most]! > busy[run.main]! ? most : null;
}

/** Computes busy time and garbage collection of a thread for each step. The kernel counts those of the main thread only. */
export function cpuOf(run: RunData, step: number, number = run.main): Cpu | null {
  const thread = run.profile.threads[number];
  if (!thread || !run.head.timed || thread.times.length === 0) return null;
  // One sample is no rate, also where its interval is known.
  if (thread.times.length < 2 && nanoseconds(run.head.unit) === null) return null;
  const place = (us: number) => Math.floor(run.seconds(within(run, us)) / step);
  const first = place(thread.times[0]!);
  const last = place(thread.times[thread.times.length - 1]!);
  const busy = new Float64Array(last - first + 1);
  const gc = new Float64Array(last - first + 1);
  const kinds = run.leafKinds;
  const per = run.perWeight();
  const { times, stacks, weights } = thread;
  const scale = (per === null ? 1 : per / 1e4) / step;
  const add = (at: number, value: number, kind: number) => {
    busy[at]! += value;
    if (kind === GC) gc[at]! += value;
  };
  for (let i = 0; i < times.length; i++) {
    const kind = kinds[stacks[i]!]!;
    if (kind === IDLE) continue;
    if (run.head.until_next) spread(run, times[i]!, times[i + 1] ?? times[i]!, first * step, step, (at, share) => add(at, 100 * share, kind));
    else add(place(times[i]!) - first, (weights ? weights[i]! : 1) * scale, kind);
  }
  const cores = number === run.main ? run.head.main_cores : null;
  const counted = cores ? kernelShares(run, cores, first, step, busy.length) : null;
  if (counted) {
    for (let at = 0; at < busy.length; at++) {
      // Samples have the part of garbage collection, and the kernel the CPU time.
      gc[at] = busy[at]! > 0 ? (gc[at]! / busy[at]!) * counted[at]! : 0;
      busy[at] = counted[at]!;
    }
  }
  return { first: first * step, step, busy, gc, inSamples: per === null && !counted, byKernel: counted !== null };
}

/** Shares of a core in per cent for each step, as the kernel counted them. A step without a row is NaN. */
function kernelShares(run: RunData, cores: NonNullable<RunData['head']['main_cores']>, first: number, step: number, steps: number): Float64Array {
  const used = new Float64Array(steps);
  const covered = new Float64Array(steps);
  for (let i = 0; i < cores.shares.length; i++) {
    const from = run.seconds(cores.from_us[i]!) / step - first;
    const to = run.seconds(cores.to_us[i]!) / step - first;
    for (let at = Math.max(0, Math.floor(from)); at < Math.min(to, steps); at++) {
      const part = Math.min(to, at + 1) - Math.max(from, at);
      used[at]! += cores.shares[i]! * part;
      covered[at]! += part;
    }
  }
  return used.map((sum, at) => (covered[at]! > 0 ? (100 * sum) / covered[at]! : NaN));
}

/** The time of a sample. One at the very end of the recording belongs to the last step, and begins no other. */
const within = (run: RunData, us: number): number => Math.min(us, run.head.end_us - 1);

/** On-CPU samples in cells: a column for `columnUs`, rows within it. */
export interface Heat {
  first: number;
  columns: number;
  rows: number;
  columnUs: number;
  cells: Float64Array;
  most: number;
}

/** Columns that a screen shows. */
const MOST_COLUMNS = 900;

export function heatOf(run: RunData, step: number, out: ReadonlySet<number>): Heat | null {
  const threads = run.profile.threads.filter((_, number) => !out.has(number));
  const timed = threads.filter((thread) => thread.times.length > 0);
  if (!run.head.timed || timed.length === 0) return null;
  const starts = timed.map((thread) => run.seconds(within(run, thread.times[0]!)));
  const ends = timed.map((thread) => run.seconds(within(run, thread.times[thread.times.length - 1]!)));
  const place = Math.floor(Math.min(...starts) / step);
  const steps = Math.floor(Math.max(...ends) / step) - place + 1;
  const wide = Math.ceil(steps / MOST_COLUMNS);
  const columns = Math.ceil(steps / wide);
  const rows = step < 1 ? 10 : 50;
  const columnUs = Math.round(wide * step * 1e6);
  const first = place * step;
  const cells = new Float64Array(columns * rows);
  const kinds = run.leafKinds;
  const zero = run.zero + first * 1e6;
  let most = 0;
  for (const { times, stacks, weights } of timed) {
    for (let i = 0; i < times.length; i++) {
      if (kinds[stacks[i]!] === IDLE) continue;
      const us = within(run, times[i]!) - zero;
      const column = Math.floor(us / columnUs);
      const row = Math.min(rows - 1, Math.floor(((us - column * columnUs) / columnUs) * rows));
      const cell = column * rows + row;
      cells[cell]! += weights ? weights[i]! : 1;
      if (cells[cell]! > most) most = cells[cell]!;
    }
  }
  return { first, columns, rows, columnUs, cells, most };
}
