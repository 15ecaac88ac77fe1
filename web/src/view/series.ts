import type { Profile } from '../data/decode';
import { IDLE, GC, type RunData } from '../session';

/** CPU of the main thread, one value for each second of the axis. */
export interface Cpu {
  /** The second of the first value on the axis. */
  first: number;
  /** Shares of a core in per cent, or samples a second when `inSamples` is true. */
  busy: Float64Array;
  gc: Float64Array;
  inSamples: boolean;
}

/** Computes busy time and garbage collection for each second. */
export function cpuOf(run: RunData): Cpu | null {
  const thread = run.profile.threads[run.main];
  if (!thread || !run.head.timed || thread.times.length === 0) return null;
  const first = Math.floor(run.seconds(thread.times[0]!));
  const last = Math.floor(run.seconds(thread.times[thread.times.length - 1]!));
  const busy = new Float64Array(last - first + 1);
  const gc = new Float64Array(last - first + 1);
  const kinds = leafKinds(run.profile, run);
  const per = run.perWeight();
  for (let i = 0; i < thread.times.length; i++) {
    const kind = kinds[thread.stacks[i]!]!;
    if (kind === IDLE) continue;
    const at = Math.floor(run.seconds(thread.times[i]!)) - first;
    const weight = thread.weights ? thread.weights[i]! : 1;
    const value = per === null ? weight : (weight * per) / 1e4;
    busy[at]! += value;
    if (kind === GC) gc[at]! += value;
  }
  return { first, busy, gc, inSamples: per === null };
}

/** The kind of each stack's own frame; 255 for the empty stack. */
export function leafKinds(profile: Profile, run: RunData): Uint8Array {
  const kinds = new Uint8Array(profile.stacks.count);
  for (let stack = 0; stack < kinds.length; stack++) kinds[stack] = run.kindOfStack(stack);
  return kinds;
}

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

export function heatOf(run: RunData, out: ReadonlySet<number>): Heat | null {
  const threads = run.profile.threads.filter((_, number) => !out.has(number));
  const timed = threads.filter((thread) => thread.times.length > 0);
  if (!run.head.timed || timed.length === 0) return null;
  const starts = timed.map((thread) => run.seconds(thread.times[0]!));
  const ends = timed.map((thread) => run.seconds(thread.times[thread.times.length - 1]!));
  const first = Math.floor(Math.min(...starts));
  const span = Math.floor(Math.max(...ends)) - first + 1;
  const seconds = Math.ceil(span / MOST_COLUMNS);
  const columns = Math.ceil(span / seconds);
  const rows = 50;
  const columnUs = seconds * 1e6;
  const cells = new Float64Array(columns * rows);
  const kinds = leafKinds(run.profile, run);
  const zero = run.zero + first * 1e6;
  let most = 0;
  for (const { times, stacks, weights } of timed) {
    for (let i = 0; i < times.length; i++) {
      if (kinds[stacks[i]!] === IDLE) continue;
      const us = times[i]! - zero;
      const column = Math.floor(us / columnUs);
      const row = Math.floor(((us - column * columnUs) / columnUs) * rows);
      const cell = column * rows + row;
      cells[cell]! += weights ? weights[i]! : 1;
      if (cells[cell]! > most) most = cells[cell]!;
    }
  }
  return { first, columns, rows, columnUs, cells, most };
}
