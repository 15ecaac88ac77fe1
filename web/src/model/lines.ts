import type { Profile } from '../data/decode';
import type { Cut } from './cut';

/** A line of a function, with the samples of it. */
export interface LineRow {
  /** The line of the file; 0 for the samples whose line is not known. */
  line: number;
  /** Weight of the samples that end in the line. */
  self: number;
  /** Weight of the samples that contain the line, each counted once. */
  total: number;
}

/**
 * The lines of an entry that ran, in the order of the file; the unknown line comes last. Empty when
 * no line is known. The numbers are those of the table of lines that the program prints.
 */
export function linesOf(profile: Profile, cut: Cut, entry: number): LineRow[] {
  const { line } = profile.frames;
  if (line === null) return [];
  const { stackFrame, stackShown, stackSlot } = cut.shape;
  const { parent } = profile.stacks;
  const totals = cut.stackWeight.slice();
  for (let i = totals.length - 1; i > 0; i--) totals[parent[i]!]! += totals[i]!;
  const entryOf = (stack: number) => Math.floor(stackSlot[stack]! / 5);
  /** True when a caller of the stack's frame stands on the same line of the same entry. */
  const isWithin = (stack: number, at: number) => {
    for (let above = parent[stack]!; above > 0; above = parent[above]!) {
      if (stackShown[above] && entryOf(above) === entry && line[stackFrame[above]!] === at) return true;
    }
    return false;
  };
  const rows = new Map<number, LineRow>();
  const row = (at: number) => {
    let found = rows.get(at);
    if (!found) rows.set(at, (found = { line: at, self: 0, total: 0 }));
    return found;
  };
  for (let stack = 1; stack < totals.length; stack++) {
    if (totals[stack] === 0 || stackSlot[stack]! < 0 || entryOf(stack) !== entry) continue;
    const at = line[stackFrame[stack]!]!;
    const weight = cut.stackWeight[stack]!;
    if (weight > 0) row(at).self += weight;
    if (stackShown[stack] && !isWithin(stack, at)) row(at).total += totals[stack]!;
  }
  const known = [...rows.values()];
  if (!known.some((one) => one.line > 0)) return [];
  const place = (one: LineRow) => (one.line === 0 ? Infinity : one.line);
  return known.sort((a, b) => place(a) - place(b));
}
