import type { Cut } from './cut';
import { Trie, begins } from './nodes';
import type { Picture } from './picture';
import { rankByLabel, type Entry } from './shape';

/** One side of a comparison: the numbers of its runs, and the cost of all samples of their windows. */
export interface Side {
  cuts: Cut[];
  /** Weight of each run's window with all its samples: a filter of `cuts` must not make the others larger. */
  sums: number[];
  cost: number;
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
      add(cut, sum > 0 ? side.cost / sum / side.cuts.length : 0, own[which]!);
    });
  });

  function entryOf(entry: Entry): number {
    let id = byLabel.get(entry.label);
    if (id === undefined) {
      id = entries.length;
      entries.push(entry);
      byLabel.set(entry.label, id);
    }
    return id;
  }

  function add(cut: Cut, scale: number, weights: number[]): void {
    const { nodes } = cut.shape;
    const ids = cut.shape.entries.map((entry, id) => (cut.entryTotal[id]! > 0 ? entryOf(entry) : -1));
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
