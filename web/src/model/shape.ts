import type { Profile } from '../data/decode';
import { CATEGORIES, KINDS, TIER_MARKS, categoryOf, kindOf, type Category, type Kind } from './kinds';
import { Trie, type Nodes } from './nodes';
import { comparisonOf } from './order';

export type GroupBy = 'function' | 'line' | 'file' | 'package' | 'category';

/** Settings by which stacks become a tree. They do not depend on the window. */
export interface ShapeOptions {
  by: GroupBy;
  /** True for separate entries for each tier. */
  split: boolean;
  /** True to count inlined functions to their caller. */
  collapse: boolean;
  /** Frames to remove, by label. */
  hide: RegExp | null;
  /** Categories to remove. */
  without: ReadonlySet<Category>;
  /** True to leave out each frame that is not own code and that own code stands below: routers and middleware. */
  ownFirst: boolean;
}

export const PLAIN: ShapeOptions = {
  by: 'function', split: false, collapse: false, hide: null, without: new Set(),
  ownFirst: false,
};

/** The function or group that a box or a row stands for. */
export interface Entry {
  label: string;
  name: string;
  file: string;
  line: number;
  column: number;
  kind: Kind;
  category: Category;
  package: string;
}

const JS = kindOf('js');
const APP = categoryOf('app');
const NATIVE = kindOf('native');
const STATES = new Map<number, string>([
  [kindOf('gc'), '(garbage collector)'],
  [kindOf('compiler'), '(compiler)'],
  [kindOf('idle'), '(idle)'],
  [kindOf('program'), '(program)'],
  [kindOf('hidden'), '(hidden)'],
  [kindOf('unresolved'), '(unresolved)'],
]);
const UNMARKED = new Set(['builtin', 'bytecode-handler', 'regexp'].map((k) => kindOf(k as Kind)));
const ANONYMOUS = '<anonymous>';

/** A function's label, behind a tier's mark. */
export function labelOf(profile: Profile, fn: number, tier: number): string {
  const { functions } = profile;
  return labelAt(profile, fn, tier, functions.line[fn]!, functions.column[fn]!);
}

function labelAt(profile: Profile, fn: number, tier: number, line: number, column: number): string {
  const { functions, strings } = profile;
  const kind = functions.kind[fn]!;
  const whole = functions.label[fn]!;
  const mark = STATES.has(kind) || UNMARKED.has(kind) ? '' : TIER_MARKS[tier]!;
  if (whole !== 0) return mark + strings.get(whole);
  const name = strings.get(functions.name[fn]!) || ANONYMOUS;
  return `${mark}${name} ${strings.get(functions.file[fn]!)}:${line}:${column}`;
}

/** The label of a line of a function, as the program's tables by line have it. */
function lineLabelOf(profile: Profile, fn: number, tier: number, line: number): string {
  const { functions, strings } = profile;
  const label = labelAt(profile, fn, tier, line, 0);
  const isNative = functions.kind[fn] === NATIVE && line > 0;
  return isNative ? `${label} ${strings.get(functions.file[fn]!)}:${line}:0` : label;
}

/** The tree of all stacks of a recording, and the node of each stack in it. */
export interface Shape {
  options: ShapeOptions;
  entries: Entry[];
  nodes: Nodes;
  /** The node of each stack. */
  stackNode: Int32Array;
  /** Entry times 5 plus tier of the innermost frame shown; -1 when no frame is shown. */
  stackSlot: Int32Array;
  /** The innermost frame of each stack that is shown; -1 for none. */
  stackFrame: Int32Array;
  /** 1 when the stack's own frame is shown as a frame of its own. */
  stackShown: Uint8Array;
  /** 1 when the entry of a node also stands above it (recursion). */
  again: Uint8Array;
  /** The rank of each entry in the order of labels. */
  rank: Int32Array;
}

/** True for frames that contain only the name of their module. */
function isNameless(profile: Profile, fn: number): boolean {
  const { functions, strings } = profile;
  const kind = KINDS[functions.kind[fn]!];
  if (kind === 'unresolved') return true;
  if (kind === 'kernel') return strings.get(functions.name[fn]!).startsWith('[');
  return kind === 'native' && functions.name[fn] === 0;
}

const HIDDEN = 1;
const NAMELESS = 2;

function frameBits(profile: Profile, options: ShapeOptions): Uint8Array {
  const { frames, functions } = profile;
  const hidden = new Uint8Array(functions.count);
  for (let fn = 0; fn < functions.count; fn++) {
    const gone =
      options.without.has(CATEGORIES[functions.category[fn]!]!) ||
      (options.hide !== null && options.hide.test(labelOf(profile, fn, 0)));
    hidden[fn] = (gone ? HIDDEN : 0) | (isNameless(profile, fn) ? NAMELESS : 0);
  }
  const bits = new Uint8Array(frames.count);
  for (let i = 0; i < frames.count; i++) {
    bits[i] = options.collapse && frames.inlined[i] ? HIDDEN : hidden[frames.fn[i]!]!;
  }
  return bits;
}

class Entries {
  readonly all: Entry[] = [];
  private readonly byLabel = new Map<string, number>();
  private readonly ofFrame: Int32Array;

  constructor(
    private readonly profile: Profile,
    private readonly options: ShapeOptions,
  ) {
    this.ofFrame = new Int32Array(profile.frames.count).fill(-1);
  }

  of(frame: number): number {
    let id = this.ofFrame[frame]!;
    if (id < 0) {
      id = this.intern(this.make(frame));
      this.ofFrame[frame] = id;
    }
    return id;
  }

  /** The entry for a stack without a visible frame: it has no frames, or all are hidden. */
  without(kind: 'program' | 'hidden'): number {
    const label = `(${kind})`;
    return this.intern({
      label, name: label, file: '', line: 0, column: 0, kind, category: 'unresolved', package: '',
    });
  }

  private intern(entry: Entry): number {
    const known = this.byLabel.get(entry.label);
    if (known !== undefined) return known;
    this.byLabel.set(entry.label, this.all.length);
    this.all.push(entry);
    return this.all.length - 1;
  }

  private make(frame: number): Entry {
    const { functions, strings, frames } = this.profile;
    const fn = frames.fn[frame]!;
    const { by, split } = this.options;
    const tier = split ? frames.tier[frame]! : 0;
    if (by === 'line') {
      const line = frames.line?.[frame] ?? 0;
      return this.inCode(fn, lineLabelOf(this.profile, fn, tier, line), line, 0);
    }
    if (by !== 'function') {
      const kind = KINDS[functions.kind[fn]!]!;
      const category = CATEGORIES[functions.category[fn]!]!;
      const pack = strings.get(functions.package[fn]!);
      const group = by === 'file' ? functions.fileGroup : functions.packageGroup;
      const ofCategory = kind === 'hidden' ? '(hidden)' : category;
      const label = by === 'category' ? ofCategory : strings.get(group[fn]!);
      return { label, name: label, file: '', line: 0, column: 0, kind, category, package: pack };
    }
    return this.inCode(fn, labelOf(this.profile, fn, tier), functions.line[fn]!, functions.column[fn]!);
  }

  /** An entry of a function, or of a line of it. */
  private inCode(fn: number, label: string, line: number, column: number): Entry {
    const { functions, strings } = this.profile;
    const kind = KINDS[functions.kind[fn]!]!;
    const name = strings.get(functions.name[fn]!);
    return {
      label,
      name: name === '' && kind !== 'js' ? label : name,
      file: strings.get(functions.file[fn]!),
      line,
      column,
      kind,
      category: CATEGORIES[functions.category[fn]!]!,
      package: strings.get(functions.package[fn]!),
    };
  }
}

/** True for views in which each row is a place in the code, and not a group of functions. */
export const isOfCode = (by: GroupBy): boolean => by === 'function' || by === 'line';

/** True for a frame of the application's own JavaScript. */
function isOwnCode({ frames, functions }: Profile, frame: number): boolean {
  const fn = frames.fn[frame]!;
  return functions.kind[fn] === JS && functions.category[fn] === APP;
}

/** The tree of a recording. */
export function shapeOf(profile: Profile, options: ShapeOptions): Shape {
  const { stacks, frames, functions } = profile;
  const bits = frameBits(profile, options);
  const entries = new Entries(profile, options);
  const trie = new Trie(stacks.count);
  const kinds = frames.fn.map((fn) => functions.kind[fn]!);
  const handler = kindOf('bytecode-handler');
  const node = new Int32Array(stacks.count);
  // The node of each stack's own code alone, below which the next own code stands.
  const ownNode = options.ownFirst ? new Int32Array(stacks.count) : node;
  const shown = new Int32Array(stacks.count).fill(-1);
  const stackShown = new Uint8Array(stacks.count);
  const grouped = !isOfCode(options.by);
  for (let stack = 1; stack < stacks.count; stack++) {
    const parent = stacks.parent[stack]!;
    const frame = stacks.frame[stack]!;
    const isOwn = isOwnCode(profile, frame);
    const above = isOwn ? ownNode[parent]! : node[parent]!;
    if (options.ownFirst) ownNode[stack] = ownNode[parent]!;
    const caller = shown[parent]!;
    // The handler of a bytecode is its function at work; of calls within a module
    // without symbols, one frame is enough.
    const hidden =
      (bits[frame]! & HIDDEN) !== 0 ||
      (kinds[frame] === handler && caller >= 0 && kinds[caller] === JS) ||
      ((bits[frame]! & NAMELESS) !== 0 && caller === frame);
    if (hidden) {
      node[stack] = node[parent]!;
      shown[stack] = caller;
      continue;
    }
    const entry = entries.of(frame);
    node[stack] = grouped && trie.entry(above) === entry ? above : trie.child(above, entry);
    if (isOwn) ownNode[stack] = node[stack]!;
    shown[stack] = frame;
    stackShown[stack] = 1;
  }
  return finish(profile, options, entries, trie, node, shown, stackShown);
}

function finish(
  profile: Profile,
  options: ShapeOptions,
  entries: Entries,
  trie: Trie,
  node: Int32Array,
  shown: Int32Array,
  stackShown: Uint8Array,
): Shape {
  const slots = new Int32Array(node.length).fill(-1);
  for (let stack = 0; stack < node.length; stack++) {
    if (shown[stack]! >= 0) {
      slots[stack] = entries.of(shown[stack]!) * 5 + profile.frames.tier[shown[stack]!]!;
    } else {
      // No frame of the stack is left to show.
      node[stack] = trie.child(0, entries.without(stack === 0 ? 'program' : 'hidden'));
    }
  }
  const rank = rankByLabel(entries.all);
  const { nodes, order } = trie.layOut((entry) => rank[entry]!);
  for (let stack = 0; stack < node.length; stack++) node[stack] = order[node[stack]!]!;
  return {
    options, entries: entries.all, nodes, stackNode: node, stackSlot: slots, stackFrame: shown, stackShown,
    again: repeated(nodes, entries.all.length), rank,
  };
}

export function rankByLabel(entries: readonly { label: string }[]): Int32Array {
  const labels = entries.map((entry) => entry.label);
  const compare = comparisonOf(labels);
  const ids = labels.map((_, id) => id);
  ids.sort((a, b) => compare(labels[a]!, labels[b]!));
  const rank = new Int32Array(ids.length);
  ids.forEach((id, place) => (rank[id] = place));
  return rank;
}

/** Marks nodes whose entry stands above them: recursion counts once in a total. */
export function repeated(nodes: Nodes, entries: number): Uint8Array {
  const again = new Uint8Array(nodes.count);
  const open = new Int32Array(entries);
  const path = new Int32Array(nodes.deepest + 1);
  let depth = 0;
  for (let i = 1; i < nodes.count; i++) {
    while (depth > 0 && nodes.end[path[depth - 1]!]! <= i) {
      open[nodes.entry[path[--depth]!]!]!--;
    }
    const entry = nodes.entry[i]!;
    if (open[entry]! > 0) again[i] = 1;
    open[entry]!++;
    path[depth++] = i;
  }
  return again;
}
