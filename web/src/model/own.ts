import type { Profile } from '../data/decode';
import { categoryOf, kindOf } from './kinds';

/** The frame in place of functions that V8 left out, and that are not known. */
const CALLER_NOT_LOGGED = '(caller not logged)';

/** The owner of a stack without own code, and of one whose innermost own code may be a function that V8 left out. */
const [NONE, NOT_LOGGED] = [-1, -2];

/** For each stack the innermost function of own code, to which its samples belong; negative without one. */
export function ownersOf({ stacks, frames, functions, strings }: Profile): Int32Array {
  const [js, native, app, dependency] = [kindOf('js'), kindOf('native'), categoryOf('app'), categoryOf('dependency')];
  const ownerOf = (fn: number, above: number): number => {
    if (functions.kind[fn] === js && functions.category[fn] === app) return fn;
    if (functions.kind[fn] === native && strings.get(functions.name[fn]!) === CALLER_NOT_LOGGED) return NOT_LOGGED;
    const isPackage = functions.kind[fn] === js && functions.category[fn] === dependency;
    return isPackage && above === NOT_LOGGED ? NONE : above;
  };
  const owners = new Int32Array(stacks.count).fill(NONE);
  for (let stack = 1; stack < stacks.count; stack++) {
    owners[stack] = ownerOf(frames.fn[stacks.frame[stack]!]!, owners[stacks.parent[stack]!]!);
  }
  return owners;
}

/** The weight of the stacks whose innermost own code may be a function that V8 left out. */
export function notLogged(owners: Int32Array, stackWeight: Float64Array): number {
  return stackWeight.reduce((sum, weight, stack) => (owners[stack] === NOT_LOGGED ? sum + weight : sum), 0);
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
