import type { Cut } from './cut';
import { Trie, begins } from './nodes';
import type { Picture } from './picture';
import { rankByLabel } from './shape';

/** Finishes a tree whose nodes have their self weights. */
function picture(cut: Cut, trie: Trie, own: Float64Array, kind: Picture['kind']): Picture {
  const rank = rankByLabel(cut.shape.entries);
  const { nodes, order } = trie.layOut((entry) => rank[entry]!);
  const self = new Float64Array(nodes.count);
  for (let id = 0; id < nodes.count; id++) self[order[id]!] = own[id] ?? 0;
  const total = self.slice();
  for (let i = nodes.count - 1; i > 0; i--) total[nodes.parent[i]!]! += total[i]!;
  const start = begins(nodes, total);
  return { entries: cut.shape.entries, nodes, self, total, start, sum: total[0]!, kind };
}

/** A list of weights that grows with a trie. */
class Weights {
  values = new Float64Array(1024);

  add(node: number, weight: number): void {
    if (node >= this.values.length) {
      const bigger = new Float64Array(Math.max(node + 1, this.values.length * 2));
      bigger.set(this.values);
      this.values = bigger;
    }
    this.values[node]! += weight;
  }
}

/** Everything that a function calls, from all the places where it stands. */
export function calleesOf(cut: Cut, entry: number): Picture {
  const { nodes, again } = cut.shape;
  const trie = new Trie();
  const weights = new Weights();
  const place = new Int32Array(nodes.count);
  for (let i = 1; i < nodes.count; i++) {
    if (cut.nodeTotal[i] === 0) {
      i = nodes.end[i]! - 1;
      continue;
    }
    // In recursion, a function is its own callee. Its first place on a stack is the root.
    if (nodes.entry[i] !== entry || again[i]) continue;
    const root = trie.child(0, entry);
    place[i] = root;
    weights.add(root, cut.nodeSelf[i]!);
    const end = nodes.end[i]!;
    for (let k = i + 1; k < end; k++) {
      if (cut.nodeTotal[k] === 0) {
        k = nodes.end[k]! - 1;
        continue;
      }
      const at = trie.child(place[nodes.parent[k]!]!, nodes.entry[k]!);
      place[k] = at;
      weights.add(at, cut.nodeSelf[k]!);
    }
    i = end - 1;
  }
  return picture(cut, trie, weights.values, 'calls');
}

/** Everything that calls a function, its callers first. */
export function callersOf(cut: Cut, entry: number): Picture {
  const { nodes, again } = cut.shape;
  const trie = new Trie();
  const weights = new Weights();
  for (let i = 1; i < nodes.count; i++) {
    if (nodes.entry[i] !== entry || again[i] || cut.nodeTotal[i] === 0) continue;
    let at = trie.child(0, entry);
    for (let up = nodes.parent[i]!; up > 0; up = nodes.parent[up]!) {
      at = trie.child(at, nodes.entry[up]!);
    }
    weights.add(at, cut.nodeTotal[i]!);
  }
  return picture(cut, trie, weights.values, 'callers');
}
