import type { Comparison, ComparedRow, Cost } from '../comparison-data';
import { brief, button, clean, fill, h, term } from '../dom';
import { amount, count, cost, millis, relative, signed } from '../format';
import type { Head } from '../head';
import type { State } from '../state';

export interface ComparisonHost {
  root: string;
  gates: Head['gates'];
  change(patch: Partial<State>): void;
}

/** Rows of each table. */
const MOST_ROWS = 30;

/** Conditions of both sides, in words. */
const CONDITIONS: Record<string, string> = {
  cores: 'share of a core', other_threads: 'other threads, share of a core', loop_utilisation: 'event-loop utilisation', gc_share: 'garbage collection', lost: 'samples lost',
};

const UNITS: Record<string, string> = { cpu_ms_per_request: 'CPU-ms per request', share: 'of the CPU before' };


/** The changes between the runs before and after. */
export class ComparisonView {
  readonly element = h('section', { class: 'panel comparison', id: 'comparison', 'aria-labelledby': 'comparison-title' });

  constructor(comparison: Comparison, host: ComparisonHost) {
    const { total } = comparison;
    const unit = UNITS[comparison.unit] ?? comparison.unit.replaceAll('_', ' ');
    const rows = comparison.functions
      .filter((row) => row.self.verdict === 'changed' || row.total.verdict === 'changed')
      .sort((a, b) => Math.abs(b.together) - Math.abs(a.together) || Math.abs(b.self.change) - Math.abs(a.self.change));
    const own = rows.filter((row) => !row.explained_by && !row.machine);
    const machine = rows.filter((row) => !row.explained_by && row.machine);
    const through = rows.filter((row) => row.explained_by);
    const named = bareNames(comparison, host.root);
    const change = total.before > 0 ? relative(total.before, total.after) : 'new';
    fill(
      this.element,
      h('h2', { id: 'comparison-title' }, 'Before and after'),
      h('p', { class: 'lead' },
        `${cost(total.before)} → ${cost(total.after)} ${unit} (${change}), ${comparison.window}; evidence: ${clean(comparison.evidence)}.`),
      ...comparison.sentences.map((text) => h('p', { class: 'note' }, clean(text))),
      facts(comparison),
      host.gates.length > 0 && gates(host.gates),
      comparison.warnings.length > 0 &&
        h('details', {}, h('summary', {}, `Warnings of the comparison: ${comparison.warnings.length}`),
          h('ul', {}, ...comparison.warnings.map((text) => h('li', {}, clean(text))))),
      button('Both sides in one flame graph', {}, () => {
        host.change({ view: 'change' });
        document.getElementById('flame')?.scrollIntoView();
      }),
      h('h3', {}, term('What changed', 'Self cost of each function whose change is more than chance, with the interval ' +
        'in which the true change lies in 95 of 100 such comparisons. Where only the total changed, which is ' +
        'the cost with all that the function calls, the row has the total. The bar is the interval as a part of the larger cost: at the left end the ' +
        'function is gone, the line is no change, and at the right end it is new. The largest first, each with the rows that it explains.')),
      own.length === 0 ? h('p', { class: 'note' }, 'No function of JavaScript changed by more than chance.') : causes(own, unit, host, named),
      machine.length > 0 && h('h3', {}, 'What changed in native code, the kernel and garbage collection'),
      machine.length > 0 && causes(machine, unit, host, named),
      through.length > 0 && h('details', {},
        h('summary', {}, `${amount(through.length, 'rows')} that changed because of these`), causes(through, unit, host, named)),
      h('h3', {}, term(`Waterfall, ${unit}`, 'From the cost before to the cost after, step by step; what is no step is in “other”.')),
      waterfall(comparison, named),
    );
  }
}

/** The gates that the page was made with, each with its crossings. */
function gates(all: Head['gates']): HTMLElement {
  return h('div', { class: 'gates' },
    h('h3', {}, term('Gates', 'Limits for the rise of costs that were checked when the page was made. A gate is crossed only by a change that is more than chance.')),
    h('ul', {}, ...all.map(({ gate, crossings }) => {
      const holds = crossings.length === 0;
      return h('li', { class: holds ? 'holds' : 'crossed' },
        h('code', {}, clean(gate)), holds ? ' is not crossed' : ' is crossed',
        !holds && h('ul', {}, ...crossings.slice(0, 10).map((one) => h('li', {}, clean(one)))),
        crossings.length > 10 && h('p', { class: 'note' }, `and ${crossings.length - 10} more`));
    })));
}

function facts(comparison: Comparison): HTMLElement {
  const pair = (name: string, of: { before: number | null; after: number | null }, write: (v: number) => string) =>
    of.before !== null && of.after !== null
      ? h('div', {}, h('dt', {}, name), h('dd', {}, `${write(of.before)} → ${write(of.after)}`))
      : null;
  return h('dl', { class: 'figures' },
    pair('requests a second', comparison.rps, cost),
    pair('p95', comparison.p95_ms, millis),
    ...(comparison.conditions ?? []).map((one) => pair(condition(one.name, comparison), one, (share) => `${cost(100 * share)} %`)));
}

/** A condition in words. */
function condition(name: string, comparison: Comparison): string {
  if (name === 'cores' && comparison.counts_waits) return 'ran or waited for a core';
  return CONDITIONS[name] ?? name.replaceAll('_', ' ');
}

/** The place of a change between "gone" (-1) and "new" (1). */
function place(value: number, cost: { before: number; after: number }): number {
  const most = Math.max(cost.before, cost.after);
  return most > 0 ? Math.max(-1.1, Math.min(1.1, value / most)) : 0;
}

/** The interval of a change as a bar about zero. */
function intervalBar(self: Cost): HTMLElement {
  const [from, to] = self.change_ci;
  const bar = h('div', { class: 'interval', 'aria-hidden': 'true' });
  const at = (value: number) => 50 + 45 * place(value, self);
  const part = (cls: string, left: number, right: number) => {
    const piece = h('span', { class: cls });
    piece.style.left = `${left}%`;
    piece.style.width = `${Math.max(0.6, right - left)}%`;
    bar.append(piece);
  };
  part('zero', 50, 50);
  if (from !== null && to !== null) part(self.change > 0 ? 'range more' : 'range less', at(from), at(to));
  part('point', at(self.change), at(self.change));
  return bar;
}

/** A table of the largest changes. A line below it states the number of the others. */
function causes(all: ComparedRow[], unit: string, host: ComparisonHost, named: Bare): HTMLElement {
  const rows = all.slice(0, MOST_ROWS);
  const more = all.length - rows.length;
  const words = [['Function'], ['Cost'], ['Before'], ['After'], ['Change, ', unit], ['Interval, ', 'from gone to new']];
  const marks = new Set<string>();
  const table = h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Table of changes' }, h('table', { class: 'causes' },
    h('thead', {}, h('tr', {}, ...words.map(([word, of], at) =>
      h('th', { scope: 'col', class: at > 1 && at < 5 ? 'number' : null }, word, of ? h('span', { class: 'together' }, of) : null)))),
    h('tbody', {}, ...rows.map((row) => {
      row.badges.forEach((badge) => marks.add(badge));
      const withCallees = row.self.verdict !== 'changed';
      const self = withCallees ? row.total : row.self;
      const [from, to] = self.change_ci;
      const interval = from !== null && to !== null ? `${signed(from)} to ${signed(to)}` : 'unknown';
      const callees = withCallees || row.total.change === self.change ? '' : `${signed(row.total.change)} with what it calls`;
      const why = [whyOf(row, named), callees].filter((part) => part !== '').join('; ');
      const name = row.name || (row.file ? '<anonymous>' : row.label);
      const caller = row.called_by === undefined ? '' : `, called by ${row.called_by}`;
      const pick = button(brief(clean(name)), { class: 'link' }, () => host.change({ picked: row.label, view: 'change' }));
      return h('tr', {},
        h('td', { class: 'name' }, pick, row.file ? h('span', { class: 'place' }, clean(placeOf(row, host.root) + caller)) : null,
          why === '' ? null : h('div', { class: 'why' }, why)),
        h('td', { class: 'of' }, withCallees ? 'total' : 'self'),
        h('td', { class: 'number before' }, cost(self.before)),
        h('td', { class: 'number after' }, cost(self.after)),
        h('td', { class: 'number' }, `${signed(self.change)}${self.before > 0 ? ` (${relative(self.before, self.before + self.change)})` : ''}`),
        h('td', { class: 'bars', title: interval }, intervalBar(self), h('span', { class: 'off-screen' }, interval)));
    }))));
  return h('div', {}, table, legendOf(marks), more > 0 && h('p', { class: 'note' }, `${amount(more, 'rows')} more, with smaller changes: diff lists them`));
}

/** The marks of rows, in words: those of docs/diff.md. */
const MARKS: Record<string, string> = {
  GONE: 'gone: not in the runs after',
  NEW: 'new: not in the runs before',
  'INLINED?': 'inlined?: the cost may only have moved to or from a caller, which V8 compiled together with it',
  'START-UP?': 'start-up?: the cost may arise once a run or with time, or depend on how far a run came, and not be that of each request',
  MOVED: 'moved: new or gone, but what it calls changed by less than half of its cost',
  'RENAMED?': 'renamed?: probably the same function under another name',
};

/** Explains the marks that occur in a table. */
function legendOf(marks: ReadonlySet<string>): HTMLElement | null {
  const words = Object.keys(MARKS).filter((mark) => marks.has(mark)).map((mark) => MARKS[mark]!);
  return words.length > 0 ? h('p', { class: 'note marks' }, `${words.join('; ')}.`) : null;
}

/** Facts about a change, in words: "new, through transform". */
function whyOf(row: ComparedRow, named: Bare): string {
  const by = row.explained_by ? clean(named(row.explained_by)) : '';
  const words = [...row.badges.map((badge) => badge.toLowerCase()),
    row.name_before === undefined ? '' : `was ${clean(row.name_before || '<anonymous>')}`,
    [row.explained ?? '', by].filter(Boolean).join(' ')];
  return words.filter(Boolean).join(', ');
}

function placeOf(row: ComparedRow, root: string): string {
  const file = row.file.replace(/^.*[/\\]node_modules[/\\]/, '');
  const line = row.line_after ?? row.line_before;
  const short = file.startsWith(root) ? file.slice(root.length) : file;
  return line ? `${short}:${line}` : short;
}

/** Makes of a label the name, and the short place of a function without a name. */
type Bare = (label: string) => string;

function bareNames({ functions }: Comparison, root: string): Bare {
  return (label) => {
    const name = label.replace(/ \S*:\d+:\d+$/, '');
    const row = name.endsWith('<anonymous>') ? functions.find((of) => of.label === label) : undefined;
    return row ? `${name} ${placeOf(row, root)}` : name;
  };
}

function waterfall({ waterfall: fall }: Comparison, named: Bare): HTMLElement {
  const steps = [
    ...fall.steps.map((step) => ({ word: step.label, change: step.change })),
    { word: `${count(fall.other_rows)} other rows`, change: fall.other },
  ];
  let level = fall.before;
  let most = Math.max(fall.before, fall.after);
  for (const step of steps) most = Math.max(most, (level += step.change));
  level = fall.before;
  const line = (word: string, from: number, to: number, cls: string, text: string) => {
    const bar = h('span', { class: `fall ${cls}` });
    bar.style.left = `${(100 * Math.min(from, to)) / most}%`;
    bar.style.width = `${Math.max(0.3, (100 * Math.abs(to - from)) / most)}%`;
    return h('li', {}, h('span', { class: 'word' }, clean(word)), h('span', { class: 'track', 'aria-hidden': 'true' }, bar),
      h('span', { class: 'number' }, text));
  };
  return h('ol', { class: 'waterfall' },
    line('before', 0, fall.before, 'sum', cost(fall.before)),
    ...steps.map((step) => {
      const from = level;
      level += step.change;
      return line(named(step.word), from, level, step.change > 0 ? 'more' : 'less', signed(step.change));
    }),
    line('after', 0, fall.after, 'sum', cost(fall.after)));
}

