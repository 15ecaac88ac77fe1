import { moment, span } from './format';
import { CATEGORIES, type Category } from './model/kinds';
import type { GroupBy } from './model/shape';

export type View = 'calls' | 'sandwich' | 'time' | 'change';
export type ColorBy = 'category' | 'package' | 'tier';
export type SortBy = 'self' | 'total' | 'name';

/** The window: the name of a button, or two times in microseconds of the recording. */
export type WindowChoice = { id: string } | { from: number; to: number };

/** All choices of the reader. */
export interface State {
  run: number;
  window: WindowChoice;
  by: GroupBy;
  split: boolean;
  collapse: boolean;
  without: ReadonlySet<Category>;
  /** True when stacks start at own code. */
  ownFirst: boolean;
  focus: string;
  ignore: string;
  hide: string;
  search: string;
  view: View;
  /** The label of the function that is picked. */
  picked: string;
  icicle: boolean;
  color: ColorBy;
  sort: SortBy;
  filter: string;
  threadsOut: ReadonlySet<number>;
  idle: boolean;
}

export const initial = (window: WindowChoice): State => ({
  run: 0,
  window,
  by: 'function',
  split: false,
  collapse: false,
  without: new Set(),
  ownFirst: false,
  focus: '',
  ignore: '',
  hide: '',
  search: '',
  view: 'calls',
  picked: '',
  icicle: true,
  color: 'category',
  sort: 'self',
  filter: '',
  threadsOut: new Set(),
  idle: false,
});

const BYS: GroupBy[] = ['function', 'line', 'file', 'package', 'category'];
const VIEWS: View[] = ['calls', 'sandwich', 'time', 'change'];
const COLORS: ColorBy[] = ['category', 'package', 'tier'];
const SORTS: SortBy[] = ['self', 'total', 'name'];

/** The state as the fragment of an address. Values that equal those of the first state are left out. */
export function toFragment(state: State, first: State): string {
  const parts = new URLSearchParams();
  const put = (key: string, value: string, usual: string) => {
    if (value !== usual) parts.set(key, value);
  };
  const window = (choice: WindowChoice) =>
    'id' in choice ? choice.id : `${choice.from}-${choice.to === Infinity ? '' : choice.to}us`;
  const flag = (value: boolean) => (value ? '1' : '0');
  const list = (values: ReadonlySet<string | number>) => [...values].join(',');
  put('run', String(state.run), String(first.run));
  put('w', window(state.window), window(first.window));
  put('by', state.by, first.by);
  put('tiers', flag(state.split), '0');
  put('folded', flag(state.collapse), '0');
  put('without', list(state.without), '');
  put('own', flag(state.ownFirst), '0');
  for (const key of ['focus', 'ignore', 'hide'] as const) put(key, state[key], '');
  put('q', state.search, '');
  put('view', state.view, 'calls');
  put('fn', state.picked, '');
  put('flames', flag(!state.icicle), '0');
  put('color', state.color, 'category');
  put('sort', state.sort, 'self');
  put('filter', state.filter, '');
  put('threads-out', list(state.threadsOut), '');
  put('idle', flag(state.idle), '0');
  return parts.toString();
}

/** Reads the state from a fragment. Missing and wrong values are those of the first state. */
export function fromFragment(text: string, first: State, windows: string[]): State {
  const parts = new URLSearchParams(text.replace(/^#/, ''));
  const one = <T extends string>(key: string, known: T[], usual: T): T =>
    known.find((value) => value === parts.get(key)) ?? usual;
  const set = (key: string) => (parts.get(key) ?? '').split(',').filter(Boolean);
  return {
    ...first,
    run: Math.max(0, Number.parseInt(parts.get('run') ?? String(first.run), 10) || 0),
    window: windowOf(parts.get('w'), windows) ?? first.window,
    by: one('by', BYS, first.by),
    split: parts.get('tiers') === '1',
    collapse: parts.get('folded') === '1',
    without: new Set(CATEGORIES.filter((category) => set('without').includes(category))),
    ownFirst: parts.get('own') === '1',
    focus: parts.get('focus') ?? '',
    ignore: parts.get('ignore') ?? '',
    hide: parts.get('hide') ?? '',
    search: parts.get('q') ?? '',
    view: one('view', VIEWS, first.view),
    picked: parts.get('fn') ?? '',
    icicle: parts.get('flames') !== '1',
    color: one('color', COLORS, first.color),
    sort: one('sort', SORTS, first.sort),
    filter: parts.get('filter') ?? '',
    threadsOut: new Set(set('threads-out').map(Number).filter(Number.isInteger)),
    idle: parts.get('idle') === '1',
  };
}

/** The window of an address that no run of the page can show; empty when there is none. */
export function unknownWindow(text: string, windows: string[]): string {
  const asked = new URLSearchParams(text.replace(/^#/, '')).get('w');
  return asked !== null && windowOf(asked, windows) === null ? asked : '';
}

/** Reads two typed times, in seconds of the axis, or says why they are no window. `first` and `last` are the ends of what was recorded. */
export function typedWindow(from: string, to: string, first: number, last: number):
  { from: number; to: number } | string {
  const [a, b] = [from, to].map((text) => (text.trim() === '' ? NaN : Number(text))) as [number, number];
  if (!Number.isFinite(a) || !Number.isFinite(b)) return 'A window has two times: type a number of seconds in both fields.';
  if (b === a) return `A window from ${moment(a)} to ${moment(b)} has no time in it: type a later end.`;
  if (b < a) return `The window ends at ${moment(b)}, before it begins at ${moment(a)}: type a later end.`;
  if (a >= last || b <= first) return `Nothing was recorded from ${moment(a)} to ${moment(b)}: the recording goes from ${span(first, last)}.`;
  return { from: Math.max(a, first), to: Math.min(b, last) };
}

function windowOf(text: string | null, windows: string[]): WindowChoice | null {
  if (text === null) return null;
  if (windows.includes(text)) return { id: text };
  const found = /^(-?\d+)-(\d*)us$/.exec(text);
  if (!found) return null;
  const from = Number(found[1]);
  const to = found[2] === '' ? Infinity : Number(found[2]);
  return from < to ? { from, to } : null;
}

/** Reads a regular expression, or returns the error. Upper and lower case match each other. */
export function pattern(text: string): { regex: RegExp | null; error: string } {
  if (text === '') return { regex: null, error: '' };
  try {
    return { regex: new RegExp(text, 'iu'), error: '' };
  } catch {
    try {
      return { regex: new RegExp(text, 'i'), error: '' };
    } catch (why) {
      const reason = why instanceof Error ? why.message : String(why);
      return { regex: null, error: reason.replace(/^Invalid regular expression: /, '') };
    }
  }
}

/** A pattern that matches one label and nothing else. */
export const exactly = (label: string): string =>
  `^${label.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}$`;
