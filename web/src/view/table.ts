import { attribute, button, clean, fill, h, term } from '../dom';
import { capital, count, sampled, short, unrounded } from '../format';
import type { Cut, Row } from '../model/cut';
import type { GroupBy } from '../model/shape';
import { nameOf } from '../names';
import { SUMS } from './flame/lines';
import type { RunData } from '../session';
import { pattern, type SortBy, type State } from '../state';
import { Choice, field } from './controls';
import { TableRow } from './table-row';

export interface TableHost {
  /** Changes of one `series` that follow each other are one choice. */
  change(patch: Partial<State>, series?: string): void;
  /** Called when a row was picked, to show it in the graph. */
  reveal(entry: number): void;
  menu(entry: number, x: number, y: number): void;
}

const FIRST_ROWS = 25;

/** What a row stands for, in words: one, and many. */
const ROWS: Record<GroupBy, readonly [string, string]> = {
  function: ['Function', 'functions'],
  line: ['Line', 'lines'],
  file: ['File', 'files'],
  package: ['Package', 'packages'],
  category: ['Category', 'categories'],
};

/** The hottest functions of the window. */
export class TableView {
  readonly element: HTMLElement;
  private readonly by: Choice<GroupBy>;
  private readonly filter: HTMLInputElement;
  private readonly body = h('tbody');
  private readonly heads = new Map<SortBy, HTMLElement>();
  private readonly title: HTMLElement;
  private readonly caption = h('caption', { class: 'off-screen' });
  private readonly summary = h('p', { class: 'note', 'aria-live': 'polite' });
  private readonly more = h('div', { class: 'bar' });
  private rowsShown = FIRST_ROWS;
  private readonly rows: TableRow[] = [];
  private moreKey = '';
  private last: { run: RunData; state: State; cut: Cut } | null = null;

  constructor(private readonly host: TableHost, noun: string) {
    const Noun = capital(noun);
    this.by = new Choice<GroupBy>('Rows', [
      ['function', 'Functions'], ['line', 'Lines'], ['file', 'Files'], ['package', 'Packages'], ['category', 'Categories'],
    ], (by) => host.change({ by, picked: '' }));
    const filter = field('Filter', { placeholder: 'name or regular expression', type: 'search' }, (text) =>
      host.change({ filter: text }, 'filter'));
    this.filter = filter.input;
    const head = (key: SortBy, word: string, why: string) => {
      const cell = h('th', { scope: 'col', 'aria-sort': 'none', class: key === 'name' ? 'name' : 'number' },
        button(word, { title: why }, () => host.change({ sort: key })));
      this.heads.set(key, cell);
      return cell;
    };
    const table = h('table', {},
      this.caption,
      h('thead', {}, h('tr', {},
        head('self', 'Self', `${Noun} that end in it`),
        head('total', 'Total', `${Noun} that it is anywhere in`),
        h('th', { scope: 'col', class: 'kind' }, 'Kind'),
        h('th', { scope: 'col', class: 'tiers' }, term('Tier', '~ interpreted, ^ baseline, + Maglev, * optimized: how ' +
          `V8 ran the ${noun} that end in it, in per cent.`)),
        head('name', 'Function', 'By name'))),
      this.body);
    this.title = term('Hottest functions', `Self: ${noun} that end in the function. Total: ${noun} that it is anywhere ` +
      `in, each counted once, so also those that “Your own code” counts for a function that it calls. A file, package or category has the ${noun} of all its functions.`);
    this.element = h('section', { class: 'panel table', id: 'table', 'aria-labelledby': 'table-title' },
      h('h2', { id: 'table-title' }, this.title),
      h('div', { class: 'bar' }, this.by.element, filter.element), this.summary,
      h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Table of the hottest functions' }, table), this.more);
    this.body.addEventListener('click', (event) => this.click(event));
    this.body.addEventListener('contextmenu', (event) => this.click(event));
  }

  show(run: RunData, state: State, cut: Cut): void {
    this.last = { run, state, cut };
    this.by.set(state.by);
    this.by.enable('line', run.profile.frames.line !== null, 'This page has no lines that ran. These recordings have them: tick logs with the text of their scripts, .cpuprofile, pprof with line numbers, when no source maps were used');
    this.named(state.by);
    if (this.filter.value !== state.filter) this.filter.value = state.filter;
    for (const [key, cell] of this.heads) {
      attribute(cell, 'aria-sort', key !== state.sort ? 'none' : key === 'name' ? 'ascending' : 'descending');
    }
    const { regex, error } = pattern(state.filter);
    const all = sorted(run.rows(cut), cut, state.sort);
    const entries = cut.shape.entries;
    const rows = regex ? all.filter((row) => regex.test(entries[row.entry]!.label)) : all;
    this.summary.textContent = error !== '' ? `Not a regular expression: ${error}`
      : (run.alone === '' ? '' : `${clean(run.alone)} alone: `) + sampled(cut.sum, run.head.unit) + leftOut(cut, run.head.unit) + (regex ? ` · ${count(rows.length)} of ${count(all.length)} rows` : '') +
        (state.by === 'line' && run.head.lines_are_sums ? `. ${SUMS}` : '');
    attribute(this.summary, 'title', unrounded(cut.sum, run.head.unit));
    const shown = rows.slice(0, this.rowsShown);
    const picked = rows.findIndex((row) => entries[row.entry]!.label === state.picked);
    if (picked >= shown.length) shown.push(rows[picked]!);
    this.write(shown);
    this.moreButtons(rows.length, shown.length);
  }

  /** Writes what the rows stand for into the headings. */
  private named(by: GroupBy): void {
    const [one, many] = ROWS[by];
    const words: [Element, string][] = [
      [this.heads.get('name')!.firstElementChild!, one],
      [this.title.firstElementChild!, `Hottest ${many}`],
      [this.caption, `Hottest ${many} of the window`],
    ];
    for (const [element, word] of words) if (element.textContent !== word) element.textContent = word;
  }

  /** Writes the rows. Elements stay from one window to the next, and only their texts change. */
  private write(rows: Row[]): void {
    const { run, state, cut } = this.last!;
    const most = rows.reduce((most, row) => Math.max(most, state.sort === 'total' ? row.total : row.self), 0);
    rows.forEach((row, at) => {
      const made = (this.rows[at] ??= new TableRow());
      if (made.element.parentNode === null) this.body.append(made.element);
      made.show(run, state, cut, row, most);
    });
    for (const made of this.rows.splice(rows.length)) made.element.remove();
  }

  private click(event: MouseEvent): void {
    const row = (event.target as Element).closest('tr');
    if (!row) return;
    const entry = Number(row.dataset['entry']);
    if (event.type === 'contextmenu') {
      event.preventDefault();
      this.host.menu(entry, event.clientX, event.clientY);
      return;
    }
    const { label } = this.last!.cut.shape.entries[entry]!;
    this.host.change({ picked: label });
    this.host.reveal(entry);
  }

  private moreButtons(all: number, shown: number): void {
    const show = (rows: number) => () => {
      this.rowsShown = rows;
      const { run, state, cut } = this.last!;
      this.show(run, state, cut);
    };
    const key = `${all} ${shown}`;
    if (key === this.moreKey) return;
    this.moreKey = key;
    fill(this.more,
      all > shown ? button(`${Math.min(100, all - shown)} more`, {}, show(this.rowsShown + 100)) : null,
      all > shown ? button(`All ${count(all)}`, { class: 'all' }, show(Infinity)) : null,
      this.rowsShown > FIRST_ROWS ? button('Fewer', {}, show(FIRST_ROWS)) : null);
  }
}

function sorted(rows: Row[], cut: Cut, by: SortBy): Row[] {
  if (by === 'total') return rows.sort((a, b) => b.total - a.total || b.self - a.self);
  if (by === 'name') {
    const name = (row: Row) => nameOf(cut.shape.entries[row.entry]!);
    return rows.sort((a, b) => name(a).localeCompare(name(b)));
  }
  return rows;
}

function leftOut(cut: Cut, unit: string): string {
  const out = cut.leftOut;
  const parts: string[] = [];
  const put = (value: number, why: string) => value > 0 && parts.push(`${short(value, unit)} ${why}`);
  put(out.idle, 'idle');
  put(out.window, 'outside the window');
  put(out.threads, 'of other threads');
  put(out.unfocused, 'not through the focus');
  put(out.ignored, 'ignored');
  return parts.length > 0 ? ` (${parts.join(', ')} left out)` : '';
}
