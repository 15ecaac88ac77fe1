import type { Cut } from './cut';
import { TIER_MARKS } from './kinds';
import { Trie, begins } from './nodes';
import type { Picture } from './picture';
import { rankByLabel, type Entry } from './shape';

/** One side of a comparison: the numbers of its runs, and the cost of all samples of their windows. */
export interface Side {
  cuts: Cut[];
  /** Weight of each run's window with all its samples: a filter of `cuts` must not make the others larger. */
  sums: number[];
  cost: number;
  /** Labels of functions that have another label on the other side, with the one that both get. */
  moved: Map<string, string>;
}

/** Both sides in one tree. All runs of a side have the same weight. */
export function changeOf(before: Side, after: Side): Picture {
  const entries: Entry[] = [];
  const byLabel = new Map<string, number>();
  const trie = new Trie();
  const own: [number[], number[]] = [[], []];
  [before, after].forEach((side, which) => {
    side.cuts.forEach((cut, at) => {
      const sum = side.sums[at]!;
      add(cut, sum > 0 ? side.cost / sum / side.cuts.length : 0, own[which]!, side.moved);
    });
  });

  /** The label of an entry on both sides. A tier's mark stands before it. */
  function sharedLabel({ label }: Entry, moved: Map<string, string>): string {
    const mark = TIER_MARKS.find((one) => one !== '' && label.startsWith(one) && moved.has(label.slice(one.length))) ?? '';
    const other = moved.get(label.slice(mark.length));
    return other === undefined ? label : mark + other;
  }

  function entryOf(entry: Entry, moved: Map<string, string>): number {
    const label = sharedLabel(entry, moved);
    let id = byLabel.get(label);
    if (id === undefined) {
      id = entries.length;
      entries.push(entry);
      byLabel.set(label, id);
    } else if (entry.label === label) {
      // The place after the change is the one that tables show.
      entries[id] = entry;
    }
    return id;
  }

  function add(cut: Cut, scale: number, weights: number[], moved: Map<string, string>): void {
    const { nodes } = cut.shape;
    const ids = cut.shape.entries.map((entry, id) => (cut.entryTotal[id]! > 0 ? entryOf(entry, moved) : -1));
    const place = new Int32Array(nodes.count);
    for (let i = 0; i < nodes.count; i++) {
      if (cut.nodeTotal[i] === 0) {
        i = nodes.end[i]! - 1;
        continue;
      }
      if (i > 0) place[i] = trie.child(place[nodes.parent[i]!]!, ids[nodes.entry[i]!]!);
      const weight = cut.nodeSelf[i]! * scale;
      weights[place[i]!] = (weights[place[i]!] ?? 0) + weight;
    }
  }

  const rank = rankByLabel(entries);
  const { nodes, order } = trie.layOut((entry) => rank[entry]!);
  const [a, b] = own.map((weights) => {
    const sums = new Float64Array(nodes.count);
    weights.forEach((weight, id) => (sums[order[id]!] = weight));
    for (let i = nodes.count - 1; i > 0; i--) sums[nodes.parent[i]!]! += sums[i]!;
    return sums;
  }) as [Float64Array, Float64Array];
  // A box is as wide as the larger side, and at least as wide as its callees together.
  const total = new Float64Array(nodes.count);
  const below = new Float64Array(nodes.count);
  for (let i = nodes.count - 1; i >= 0; i--) {
    total[i] = Math.max(a[i]!, b[i]!, below[i]!);
    if (i > 0) below[nodes.parent[i]!]! += total[i]!;
  }
  const start = begins(nodes, total);
  const self = new Float64Array(nodes.count);
  return { entries, nodes, self, total, start, sum: total[0]!, kind: 'change', change: { before: a, after: b } };
}

/** The cost of an entry before and after: of its own, and with what it calls. An entry that calls itself counts once. */
export function costsOf(picture: Picture, entry: number): { self: [number, number]; total: [number, number] } {
  const { nodes, change } = picture;
  const self: [number, number] = [0, 0];
  const total: [number, number] = [0, 0];
  if (!change) return { self, total };
  [change.before, change.after].forEach((weights, side) => {
    const below = new Float64Array(nodes.count);
    for (let i = nodes.count - 1; i > 0; i--) below[nodes.parent[i]!]! += weights[i]!;
    let counted = 0;
    for (let i = 1; i < nodes.count; i++) {
      if (nodes.entry[i] !== entry) continue;
      // Sums of shares differ from their parts by rounding.
      self[side]! += Math.max(0, weights[i]! - below[i]!);
      if (i < counted) continue;
      total[side]! += weights[i]!;
      counted = nodes.end[i]!;
    }
  });
  return { self: self.map(tidy) as [number, number], total };
}

/** A remainder of rounding is nothing. */
const tidy = (value: number): number => (value < 1e-12 ? 0 : value);
