import type { Nodes } from './nodes';
import type { Entry } from './shape';

/** The tree with numbers that the canvas draws. */
export interface Picture {
  entries: readonly Entry[];
  nodes: Nodes;
  self: Float64Array;
  total: Float64Array;
  start: Float64Array;
  /** The width of the whole picture. */
  sum: number;
  /** Weight before and after of each node, in a comparison. */
  change?: { before: Float64Array; after: Float64Array };
  /** Times of the first and the last sample of each node, in microseconds of the recording, in order of time. */
  times?: { first: Float64Array; last: Float64Array };
  /** Depths of this many rows stand above the root: the callers of a sandwich. */
  kind: 'calls' | 'callers' | 'time' | 'change';
}
