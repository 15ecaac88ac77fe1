import type { Profile, Thread } from '../data/decode';

/** A window in microseconds since the recording's zero. The end does not belong to it. */
export interface Window {
  from: number;
  to: number;
}

export const WHOLE: Window = { from: 0, to: Infinity };

/** The first index whose time is at least `time`. */
export function lowerBound(times: Float64Array, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The samples of a thread that are counted: those from index `from` up to `to`. */
interface Range {
  from: number;
  to: number;
  weight: number;
}

/**
 * The weight of each stack within a window. A drag moves one end of a window by little: only the
 * samples between the old end and the new one are counted again. Weights are whole numbers, so
 * sums and differences are exact.
 */
export class Counts {
  readonly weight: Float64Array;
  private readonly ranges: Range[];
  private without: ReadonlySet<number> = new Set();

  constructor(private readonly profile: Profile) {
    this.weight = new Float64Array(profile.stacks.count);
    this.ranges = profile.threads.map(() => ({ from: 0, to: 0, weight: 0 }));
  }

  /** Weight of the samples of a thread within the window. */
  ofThread(number: number): number {
    return this.ranges[number]!.weight;
  }

  /** Counts the samples of a window, without those of some threads. */
  move(window: Window, without: ReadonlySet<number>): void {
    if (without !== this.without) {
      this.weight.fill(0);
      for (const range of this.ranges) range.from = range.to = range.weight = 0;
      this.without = without;
    }
    const whole = window.from <= 0 && window.to === Infinity;
    this.profile.threads.forEach((thread, number) => {
      if (without.has(number)) return;
      const { times } = thread;
      const from = whole ? 0 : lowerBound(times, window.from);
      const to = whole ? thread.stacks.length : Math.max(from, lowerBound(times, window.to));
      this.moveThread(thread, this.ranges[number]!, from, to);
    });
  }

  private moveThread(thread: Thread, range: Range, from: number, to: number): void {
    const apart = to <= range.from || from >= range.to;
    if (apart) {
      this.add(thread, range, range.from, range.to, -1);
      this.add(thread, range, from, to, 1);
    } else {
      if (from < range.from) this.add(thread, range, from, range.from, 1);
      else this.add(thread, range, range.from, from, -1);
      if (to > range.to) this.add(thread, range, range.to, to, 1);
      else this.add(thread, range, to, range.to, -1);
    }
    range.from = from;
    range.to = to;
  }

  private add({ stacks, weights }: Thread, range: Range, from: number, to: number, sign: 1 | -1): void {
    const { weight } = this;
    if (weights) {
      for (let i = from; i < to; i++) {
        const value = sign * weights[i]!;
        weight[stacks[i]!]! += value;
        range.weight += value;
      }
    } else {
      for (let i = from; i < to; i++) weight[stacks[i]!]! += sign;
      range.weight += sign * Math.max(0, to - from);
    }
  }
}
