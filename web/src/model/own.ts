import type { Profile } from '../data/decode';
import { categoryOf, kindOf } from './kinds';

/** For each stack the innermost function of own code, to which its samples belong; -1 without one. */
export function ownersOf({ stacks, frames, functions }: Profile): Int32Array {
  const [js, app] = [kindOf('js'), categoryOf('app')];
  const owners = new Int32Array(stacks.count).fill(-1);
  for (let stack = 1; stack < stacks.count; stack++) {
    const fn = frames.fn[stacks.frame[stack]!]!;
    const isOwn = functions.kind[fn] === js && functions.category[fn] === app;
    owners[stack] = isOwn ? fn : owners[stacks.parent[stack]!]!;
  }
  return owners;
}

/** A function of own code, with what it calls outside of own code. */
export interface OwnFunction {
  fn: number;
  weight: number;
  self: number;
}

/** The functions of own code with the most weight, at most `most`. `stackWeight` is that of a window. */
export function hottestOwn(profile: Profile, owners: Int32Array, stackWeight: Float64Array, most: number): OwnFunction[] {
  const { stacks, frames, functions } = profile;
  const [weights, selves] = [new Float64Array(functions.count), new Float64Array(functions.count)];
  for (let stack = 1; stack < stackWeight.length; stack++) {
    const weight = stackWeight[stack]!;
    const owner = owners[stack]!;
    if (weight === 0 || owner < 0) continue;
    weights[owner]! += weight;
    if (frames.fn[stacks.frame[stack]!] === owner) selves[owner]! += weight;
  }
  const found: OwnFunction[] = [];
  weights.forEach((weight, fn) => weight > 0 && found.push({ fn, weight, self: selves[fn]! }));
  return found.sort((a, b) => b.weight - a.weight || a.fn - b.fn).slice(0, most);
}
