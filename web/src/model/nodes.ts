import { Pairs } from './pairs';

/** A tree in pre-order: node 0 is the root, and the nodes below `i` end before `end[i]`. */
export interface Nodes {
  count: number;
  /** The entry of the node; -1 for the root. */
  entry: Int32Array;
  parent: Int32Array;
  depth: Int32Array;
  end: Int32Array;
  deepest: number;
}

/** A tree of entries under construction. */
export class Trie {
  readonly pairs: Pairs;

  constructor(expected = 1024) {
    this.pairs = new Pairs(expected);
  }

  /** The child of a node; 0 is the root. */
  child(parent: number, entry: number): number {
    return this.pairs.place(parent, entry) + 1;
  }

  entry(node: number): number {
    return node === 0 ? -1 : this.pairs.seconds[node - 1]!;
  }

  /** Returns the nodes in pre-order, siblings by the `rank` of their entry. `order[node]` is the new index. */
  layOut(rank: (entry: number) => number): { nodes: Nodes; order: Int32Array } {
    const { firsts, seconds, length } = this.pairs;
    const count = length + 1;
    const starts = new Int32Array(count + 1);
    for (let i = 0; i < length; i++) starts[firsts[i]! + 1]!++;
    for (let i = 0; i < count; i++) starts[i + 1]! += starts[i]!;
    const filled = starts.slice(0, count);
    const children = new Int32Array(length);
    // The last child comes first, because the stack below returns them in reverse order.
    const ranked = byRank(seconds, length, rank);
    for (let at = length - 1; at >= 0; at--) {
      const i = ranked[at]!;
      children[filled[firsts[i]!]!++] = i + 1;
    }
    const nodes: Nodes = {
      count,
      entry: new Int32Array(count),
      parent: new Int32Array(count),
      depth: new Int32Array(count),
      end: new Int32Array(count),
      deepest: 0,
    };
    const order = new Int32Array(count);
    const todo = new Int32Array(count);
    const above = new Int32Array(count);
    let left = 1;
    let at = 0;
    while (left > 0) {
      const id = todo[--left]!;
      const parent = above[left]!;
      order[id] = at;
      nodes.entry[at] = this.entry(id);
      nodes.parent[at] = parent;
      const depth = id === 0 ? 0 : nodes.depth[parent]! + 1;
      nodes.depth[at] = depth;
      nodes.end[at] = at + 1;
      if (depth > nodes.deepest) nodes.deepest = depth;
      for (let i = starts[id]!; i < starts[id + 1]!; i++) {
        todo[left] = children[i]!;
        above[left++] = at;
      }
      at++;
    }
    for (let i = count - 1; i > 0; i--) {
      const parent = nodes.parent[i]!;
      if (nodes.end[i]! > nodes.end[parent]!) nodes.end[parent] = nodes.end[i]!;
    }
    return { nodes, order };
  }
}

/** Sorts the nodes' indices by the rank of their entry, by counting: ranks are small numbers. */
function byRank(entries: Int32Array, length: number, rank: (entry: number) => number): Int32Array {
  const ranks = new Int32Array(length);
  let most = 0;
  for (let i = 0; i < length; i++) {
    const own = rank(entries[i]!);
    ranks[i] = own;
    if (own > most) most = own;
  }
  const places = new Int32Array(most + 2);
  for (let i = 0; i < length; i++) places[ranks[i]! + 1]!++;
  for (let own = 0; own <= most; own++) places[own + 1]! += places[own]!;
  const sorted = new Int32Array(length);
  for (let i = 0; i < length; i++) sorted[places[ranks[i]!]!++] = i;
  return sorted;
}

/** The start of each node. A caller's first child starts where the caller starts. */
export function begins(nodes: Nodes, total: Float64Array): Float64Array {
  const start = new Float64Array(nodes.count);
  const next = new Float64Array(nodes.count);
  for (let i = 1; i < nodes.count; i++) {
    const parent = nodes.parent[i]!;
    const at = next[parent]!;
    start[i] = at;
    next[i] = at;
    next[parent] = at + total[i]!;
  }
  return start;
}
