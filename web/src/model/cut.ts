import type { Profile } from '../data/decode';
import { Counts, type Window } from './counts';
import { Why, type Keep } from './keep';
import type { Shape } from './shape';
import { begins } from './nodes';

export interface LeftOut {
  threads: number;
  window: number;
  idle: number;
  unfocused: number;
  ignored: number;
}

/** A recording, cut to a window: the numbers for graph and table. */
export interface Cut {
  shape: Shape;
  window: Window;
  leftOut: LeftOut;
  /** Weight of all samples kept. */
  sum: number;
  stackWeight: Float64Array;
  nodeSelf: Float64Array;
  nodeTotal: Float64Array;
  /** The start of each node. */
  nodeStart: Float64Array;
  entrySelf: Float64Array;
  entryTotal: Float64Array;
  /** Self weight by tier: five numbers for each entry. */
  entryTiers: Float64Array;
}

/** Returns the weight of every stack that is kept within the window. */
function weigh(profile: Profile, keep: Keep, window: Window, counts: Counts): [Float64Array, LeftOut] {
  const out: LeftOut = { threads: 0, window: 0, idle: 0, unfocused: 0, ignored: 0 };
  counts.move(window, keep.options.without);
  profile.threads.forEach((thread, number) => {
    if (keep.options.without.has(number)) out.threads += thread.total;
    else out.window += thread.total - counts.ofThread(number);
  });
  const weight = counts.weight.slice();
  const { why } = keep;
  for (let stack = 0; stack < weight.length; stack++) {
    if (why[stack] === Why.Kept || weight[stack] === 0) continue;
    if (why[stack] === Why.Idle) out.idle += weight[stack]!;
    else if (why[stack] === Why.Unfocused) out.unfocused += weight[stack]!;
    else out.ignored += weight[stack]!;
    weight[stack] = 0;
  }
  return [weight, out];
}

/** Returns the weight of the samples of a window that are kept. `counts` are those of the window before. */
export function sumOf(profile: Profile, keep: Keep, window: Window, counts = new Counts(profile)): number {
  counts.move(window, keep.options.without);
  let sum = 0;
  for (let stack = 0; stack < counts.weight.length; stack++) {
    if (keep.why[stack] === Why.Kept) sum += counts.weight[stack]!;
  }
  return sum;
}

/** Computes the numbers of a window. `counts` are those of the window before. */
export function cutOf(profile: Profile, shape: Shape, keep: Keep, window: Window, counts = new Counts(profile)): Cut {
  const [stackWeight, leftOut] = weigh(profile, keep, window, counts);
  const { nodes, stackNode, stackSlot, again } = shape;
  const nodeSelf = new Float64Array(nodes.count);
  const entryTiers = new Float64Array(shape.entries.length * 5);
  let sum = 0;
  for (let stack = 0; stack < stackWeight.length; stack++) {
    const weight = stackWeight[stack]!;
    if (weight === 0) continue;
    sum += weight;
    nodeSelf[stackNode[stack]!]! += weight;
    const slot = stackSlot[stack]!;
    if (slot >= 0) entryTiers[slot]! += weight;
  }
  const nodeTotal = nodeSelf.slice();
  for (let i = nodes.count - 1; i > 0; i--) nodeTotal[nodes.parent[i]!]! += nodeTotal[i]!;
  const entrySelf = new Float64Array(shape.entries.length);
  const entryTotal = new Float64Array(shape.entries.length);
  for (let i = 1; i < nodes.count; i++) {
    const entry = nodes.entry[i]!;
    entrySelf[entry]! += nodeSelf[i]!;
    if (!again[i]) entryTotal[entry]! += nodeTotal[i]!;
  }
  const nodeStart = begins(nodes, nodeTotal);
  return {
    shape, window, leftOut, sum, stackWeight, nodeSelf, nodeTotal, nodeStart, entrySelf, entryTotal,
    entryTiers,
  };
}

/**
 * Total weight of each entry by tier: five numbers for each entry. A sample counts once, with the tier of the
 * entry's innermost frame.
 */
export function totalTiers(profile: Profile, cut: Cut): Float64Array {
  const { stackSlot, stackShown, entries } = cut.shape;
  const { parent } = profile.stacks;
  const totals = cut.stackWeight.slice();
  for (let i = totals.length - 1; i > 0; i--) totals[parent[i]!]! += totals[i]!;
  const tiers = new Float64Array(entries.length * 5);
  const outer = outerStacks(parent, stackSlot, stackShown, entries.length);
  for (let i = 1; i < totals.length; i++) {
    if (!stackShown[i]) continue;
    tiers[stackSlot[i]!]! += totals[i]!;
    // The outer stack counted the samples of this one.
    if (outer[i]! > 0) tiers[stackSlot[outer[i]!]!]! -= totals[i]!;
  }
  return tiers;
}

/** The nearest stack above each one whose last frame has the same entry; 0 for none. */
function outerStacks(parent: ArrayLike<number>, slots: Int32Array, shown: Uint8Array, entries: number): Int32Array {
  const [child, sibling, outer] = [slots, slots, slots].map(({ length }) => new Int32Array(length)) as [Int32Array, Int32Array, Int32Array];
  for (let i = slots.length - 1; i > 0; i--) {
    sibling[i] = child[parent[i]!]!;
    child[parent[i]!] = i;
  }
  // The innermost stack of each entry on the path from the root to `at`.
  const open = new Int32Array(entries);
  const entryOf = (stack: number) => (shown[stack] ? Math.floor(slots[stack]! / 5) : -1);
  for (let at = 0; ; ) {
    let next = child[at]!;
    while (next === 0 && at !== 0) {
      if (shown[at]) open[entryOf(at)] = outer[at]!;
      next = sibling[at]!;
      at = parent[at]!;
    }
    if (next === 0) return outer;
    if (shown[next]) {
      outer[next] = open[entryOf(next)]!;
      open[entryOf(next)] = next;
    }
    at = next;
  }
}

/** A row of the table. */
export interface Row {
  entry: number;
  self: number;
  total: number;
}

/** Every entry with a sample, most self first, then total, then by label. */
export function rowsOf(cut: Cut): Row[] {
  const rows: Row[] = [];
  for (let entry = 0; entry < cut.entryTotal.length; entry++) {
    const total = cut.entryTotal[entry]!;
    if (total > 0) rows.push({ entry, self: cut.entrySelf[entry]!, total });
  }
  const { rank } = cut.shape;
  return rows.sort((a, b) => b.self - a.self || b.total - a.total || rank[a.entry]! - rank[b.entry]!);
}
