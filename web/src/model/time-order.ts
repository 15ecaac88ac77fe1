import type { Profile } from '../data/decode';
import { lowerBound, type Window } from './counts';
import { Why, type Keep } from './keep';
import type { Picture } from './picture';
import type { Shape } from './shape';

/** The largest number of samples that are drawn side by side. */
export const MOST_IN_ORDER = 20_000;

/** Samples of one thread from left to right in order of time. Equal neighbours form one box. */
export function inOrder(
  profile: Profile,
  shape: Shape,
  keep: Keep,
  window: Window,
  thread: number,
): Picture | null {
  const { times, stacks, weights } = profile.threads[thread]!;
  const from = lowerBound(times, window.from);
  const to = lowerBound(times, window.to);
  if (to - from > MOST_IN_ORDER) return null;
  const entry: number[] = [-1];
  const parent: number[] = [0];
  const depth: number[] = [0];
  const self: number[] = [0];
  const first: number[] = [times[from] ?? 0];
  const last: number[] = [times[to - 1] ?? 0];
  // The open boxes: the nodes of the shape, and their places here.
  const open: { node: number; at: number }[] = [];
  const path: number[] = [];
  for (let i = from; i < to; i++) {
    const stack = stacks[i]!;
    if (keep.why[stack] !== Why.Kept) {
      open.length = 0;
      continue;
    }
    path.length = 0;
    for (let node = shape.stackNode[stack]!; node > 0; node = shape.nodes.parent[node]!) {
      path.push(node);
    }
    path.reverse();
    let same = 0;
    while (same < path.length && open[same]?.node === path[same]) same++;
    open.length = same;
    for (const node of path.slice(same)) {
      const at = entry.length;
      entry.push(shape.nodes.entry[node]!);
      parent.push(open[open.length - 1]?.at ?? 0);
      depth.push(open.length + 1);
      self.push(0);
      first.push(times[i]!);
      last.push(times[i]!);
      open.push({ node, at });
    }
    for (const { at } of open) last[at] = times[i]!;
    self[open[open.length - 1]?.at ?? 0]! += weights ? weights[i]! : 1;
  }
  const seen = { first: Float64Array.from(first), last: Float64Array.from(last) };
  return { ...finish(shape, entry, parent, depth, self), times: seen };
}

function finish(
  shape: Shape,
  entry: number[],
  parent: number[],
  depth: number[],
  own: number[],
): Picture {
  const count = entry.length;
  const end = new Int32Array(count);
  const self = Float64Array.from(own);
  const total = self.slice();
  let deepest = 0;
  for (let i = count - 1; i >= 0; i--) {
    end[i] = Math.max(end[i]!, i + 1);
    if (depth[i]! > deepest) deepest = depth[i]!;
    if (i > 0) {
      total[parent[i]!]! += total[i]!;
      end[parent[i]!] = Math.max(end[parent[i]!]!, end[i]!);
    }
  }
  const nodes = {
    count,
    entry: Int32Array.from(entry),
    parent: Int32Array.from(parent),
    depth: Int32Array.from(depth),
    end,
    deepest,
  };
  // A caller's own samples lie between its callees: in order, each begins where
  // the samples before it end.
  const start = new Float64Array(count);
  return { entries: shape.entries, nodes, self, total, start: placed(nodes, total, start), sum: total[0]!, kind: 'time' };
}

function placed(nodes: Picture['nodes'], total: Float64Array, start: Float64Array): Float64Array {
  const next = new Float64Array(nodes.count);
  for (let i = 1; i < nodes.count; i++) {
    const at = next[nodes.parent[i]!]!;
    start[i] = at;
    next[i] = at;
    next[nodes.parent[i]!] = at + total[i]!;
  }
  return start;
}
