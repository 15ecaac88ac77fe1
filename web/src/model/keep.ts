import type { Profile } from '../data/decode';
import { kindOf } from './kinds';
import { labelOf } from './shape';

/** Choice of the samples to keep, apart from the window. */
export interface KeepOptions {
  /** Keep only stacks with a frame whose label matches. */
  focus: RegExp | null;
  /** Drop stacks with a frame whose label matches. */
  ignore: RegExp | null;
  idle: boolean;
  /** True to count inlined functions to their caller: then they match nothing. */
  collapse: boolean;
  /** Threads left out, by number. */
  without: ReadonlySet<number>;
}

export const KEEP_ALL: KeepOptions = { focus: null, ignore: null, idle: false, collapse: false, without: new Set() };

/** Reasons why a stack's samples are left out; 0 for stacks that are kept. */
export const enum Why {
  Kept = 0,
  Idle = 1,
  Unfocused = 2,
  Ignored = 3,
}

export interface Keep {
  options: KeepOptions;
  /** A `Why` for each stack. */
  why: Uint8Array;
}

/** Decides for each stack. The first reason that applies is kept. */
export function keepOf(profile: Profile, options: KeepOptions): Keep {
  const { stacks, frames, functions } = profile;
  const ofFunction = new Uint8Array(functions.count);
  for (let fn = 0; fn < functions.count; fn++) {
    const label = options.focus || options.ignore ? labelOf(profile, fn, 0) : '';
    ofFunction[fn] = (options.focus?.test(label) ? 1 : 0) | (options.ignore?.test(label) ? 2 : 0);
  }
  const bits = new Uint8Array(stacks.count);
  const why = new Uint8Array(stacks.count);
  const idle = kindOf('idle');
  for (let stack = 0; stack < stacks.count; stack++) {
    let fn = -1;
    if (stack > 0) {
      const frame = stacks.frame[stack]!;
      fn = frames.fn[frame]!;
      const own = options.collapse && frames.inlined[frame] ? 0 : ofFunction[fn]!;
      bits[stack] = bits[stacks.parent[stack]!]! | own;
    }
    if (!options.idle && fn >= 0 && functions.kind[fn] === idle) why[stack] = Why.Idle;
    else if (options.focus && !(bits[stack]! & 1)) why[stack] = Why.Unfocused;
    else if (bits[stack]! & 2) why[stack] = Why.Ignored;
  }
  return { options, why };
}
