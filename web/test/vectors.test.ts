// The page's selection runs the vectors of the written rule (docs/selection.md).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Profile } from '../src/data/decode';
import { Strings } from '../src/data/strings';
import type { Window } from '../src/model/counts';
import { cutOf, rowsOf, totalTiers } from '../src/model/cut';
import { keepOf } from '../src/model/keep';
import { CATEGORIES, KINDS, TIER_MARKS, type Category, type Kind } from '../src/model/kinds';
import { shapeOf, type GroupBy } from '../src/model/shape';

interface Frame {
  name: string;
  file: string;
  line: number;
  column: number;
  kind: Kind;
  module: string;
  tier: (typeof TIER_MARKS)[number];
  inlined: boolean;
}

interface Vectors {
  profiles: Record<string, {
    frames: Frame[];
    stacks: [number, number][];
    threads: { name: string; samples: [number, number, number][] }[];
  }>;
  cases: {
    name: string;
    profile: string;
    selection: {
      from_us: number | null; to_us: number | null; thread: string | null; focus: string | null;
      ignore: string | null; hide: string | null; group_by: GroupBy; tiers: string; inlined: string;
      idle: string; annotate: boolean;
    };
    expected: {
      kept: number;
      left_out: Record<string, number>;
      rows: { label: string; self: number; total: number; total_tiers: number[] }[];
    };
  }[];
}

const vectors = JSON.parse(
  readFileSync('../crates/profile/tests/vectors/selection.json', 'utf8'),
) as Vectors;

const STATES: Partial<Record<Kind, string>> = {
  gc: '(garbage collector)', compiler: '(compiler)', idle: '(idle)', program: '(program)',
  hidden: '(hidden)', unresolved: '(unresolved)',
};
const PREFIXES: Partial<Record<Kind, string>> = {
  builtin: 'Builtin: ', 'bytecode-handler': 'BytecodeHandler: ', regexp: 'RegExp: ',
};

function packageOf(file: string): string {
  const parts = file.split(/[/\\]/);
  const at = parts.lastIndexOf('node_modules');
  if (at < 0) return '';
  return parts.slice(at + 1, at + (parts[at + 1]?.startsWith('@') ? 3 : 2)).join('/');
}

function categoryOf(frame: Frame): Category {
  switch (frame.kind) {
    case 'js':
      if (/^(node:|internal\/)/.test(frame.file)) return 'node core';
      return packageOf(frame.file) ? 'dependency' : 'app';
    case 'bytecode-handler':
    case 'regexp':
      return 'builtin';
    case 'program':
    case 'hidden':
      return 'unresolved';
    default:
      return frame.kind;
  }
}

function labelOf(frame: Frame): string {
  const state = STATES[frame.kind];
  if (state) return state;
  if (frame.kind === 'builtin' && frame.name === '(builtin)') return frame.name;
  const prefix = PREFIXES[frame.kind];
  if (prefix) return prefix + frame.name;
  if (frame.kind === 'js' && frame.file) return '';
  const module = frame.module.split(/[/\\]/).pop() ?? '';
  return frame.name || module || (frame.kind === 'kernel' ? '' : '<anonymous>');
}

function profileOf(made: Vectors['profiles'][string]): Profile {
  const texts = [''];
  const text = (value: string) => (texts.includes(value) ? texts.indexOf(value) : texts.push(value) - 1);
  const source = (frame: Frame) => (frame.kind === 'native' && !frame.file ? frame.module : frame.file);
  const group = (frame: Frame, named: string) => named || STATES[frame.kind] || `(${categoryOf(frame)})`;
  const key = (frame: Frame) => JSON.stringify({ ...frame, tier: '', inlined: false });
  const functions = [...new Map(made.frames.map((frame) => [key(frame), frame])).values()];
  const column = (value: (frame: Frame) => number) => Uint32Array.from(functions, value);
  const small = (value: (frame: Frame) => number) => Uint8Array.from(functions, value);
  const columns = {
    count: functions.length,
    name: column((frame) => text(frame.name)),
    file: column((frame) => text(source(frame))),
    line: column((frame) => frame.line),
    column: column((frame) => frame.column),
    kind: small((frame) => KINDS.indexOf(frame.kind)),
    category: small((frame) => CATEGORIES.indexOf(categoryOf(frame))),
    package: column((frame) => (frame.kind === 'js' ? text(packageOf(frame.file)) : 0)),
    label: column((frame) => text(labelOf(frame))),
    fileGroup: column((frame) => text(group(frame, frame.kind === 'js' || frame.kind === 'native' ? source(frame) : ''))),
    packageGroup: column((frame) => text(group(frame, frame.kind === 'js' ? packageOf(frame.file) : ''))),
  };
  const bytes = texts.map((value) => new TextEncoder().encode(value));
  const whole = Uint8Array.from(bytes.flatMap((part) => [...part]));
  const ids = functions.map(key);
  return {
    strings: new Strings(whole, Uint32Array.from(bytes, (part) => part.length)),
    functions: columns,
    frames: {
      count: made.frames.length,
      fn: Uint32Array.from(made.frames, (frame) => ids.indexOf(key(frame))),
      tier: Uint8Array.from(made.frames, (frame) => TIER_MARKS.indexOf(frame.tier)),
      inlined: Uint8Array.from(made.frames, (frame) => (frame.inlined ? 1 : 0)),
      line: null,
    },
    stacks: {
      count: made.stacks.length + 1,
      parent: Uint32Array.from([0, ...made.stacks.map(([parent]) => parent)]),
      frame: Uint32Array.from([0, ...made.stacks.map(([, frame]) => frame)]),
    },
    threads: made.threads.map(({ name, samples }) => ({
      name,
      times: Float64Array.from(samples, ([time]) => time),
      stacks: Uint32Array.from(samples, ([, stack]) => stack),
      weights: Float64Array.from(samples, ([, , weight]) => weight),
      total: samples.reduce((sum, [, , weight]) => sum + weight, 0),
      idle: 0,
    })),
  };
}

const regex = (text: string | null) => (text === null ? null : new RegExp(text));

for (const one of vectors.cases) {
  // The page does not annotate labels.
  if (one.selection.annotate) continue;
  test(`vector: ${one.name}`, () => {
    const { selection, expected } = one;
    const made = vectors.profiles[one.profile]!;
    const profile = profileOf(made);
    const thread = regex(selection.thread);
    const out = made.threads.map((_, number) => number).filter((number) => thread && !thread.test(made.threads[number]!.name));
    const collapse = selection.inlined === 'collapse';
    const shape = shapeOf(profile, {
      by: selection.group_by, split: selection.tiers === 'split', collapse, hide: regex(selection.hide), without: new Set(),
      ownFirst: false,
    });
    const keep = keepOf(profile, {
      focus: regex(selection.focus), ignore: regex(selection.ignore), idle: selection.idle === 'keep', collapse,
      without: new Set(out),
    });
    const window: Window = { from: selection.from_us ?? 0, to: selection.to_us ?? Infinity };
    const cut = cutOf(profile, shape, keep, window);
    assert.equal(cut.sum, expected.kept);
    const left = cut.leftOut;
    assert.deepEqual(
      { other_threads: left.threads, outside_window: left.window, idle: left.idle, unfocused: left.unfocused, ignored: left.ignored },
      expected.left_out,
    );
    assert.deepEqual(
      rowsOf(cut).map((row) => [shape.entries[row.entry]!.label, row.self, row.total]),
      expected.rows.map((row) => [row.label, row.self, row.total]),
    );
    const tiers = totalTiers(profile, cut);
    assert.deepEqual(
      rowsOf(cut).map((row) => [...tiers.subarray(row.entry * 5, row.entry * 5 + 5)]),
      expected.rows.map((row) => row.total_tiers),
    );
  });
}
