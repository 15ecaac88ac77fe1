import { button, clean, fill, h, term } from '../dom';
import { amount, count, percent } from '../format';
import type { Cut, Row } from '../model/cut';
import { CATEGORY_WORDS, TIER_MARKS } from '../model/kinds';
import type { GroupBy } from '../model/shape';
import { nameOf, placeOf } from '../names';
import type { RunData } from '../session';
import { pattern, type SortBy, type State } from '../state';
import { Choice, field } from './controls';
import { CATEGORY_COLORS, css } from './flame/colors';

export interface TableHost {
  change(patch: Partial<State>): void;
  /** Called when a row was picked, to show it in the graph. */
  reveal(entry: number): void;
  menu(entry: number, x: number, y: number): void;
}

const FIRST_ROWS = 25;

/** The hottest functions of the window. */
export class TableView {
  readonly element: HTMLElement;
  private readonly by: Choice<GroupBy>;
  private readonly filter: HTMLInputElement;
  private readonly body = h('tbody');
  private readonly heads = new Map<SortBy, HTMLElement>();
  private readonly summary = h('p', { class: 'note', 'aria-live': 'polite' });
  private readonly more = h('div', { class: 'bar' });
  private rowsShown = FIRST_ROWS;
  private last: { run: RunData; state: State; cut: Cut } | null = null;

  constructor(private readonly host: TableHost) {
    this.by = new Choice<GroupBy>('Rows', [
      ['function', 'Functions'], ['file', 'Files'], ['package', 'Packages'], ['category', 'Categories'],
    ], (by) => host.change({ by, picked: '' }));
    const filter = field('Filter', { placeholder: 'name or regular expression', type: 'search' }, (text) =>
      host.change({ filter: text }));
    this.filter = filter.input;
    const head = (key: SortBy, word: string, why: string) => {
      const cell = h('th', { scope: 'col', 'aria-sort': 'none', class: key === 'name' ? 'name' : 'number' },
        button(word, { title: why }, () => host.change({ sort: key })));
      this.heads.set(key, cell);
      return cell;
    };
    const table = h('table', {},
      h('caption', { class: 'off-screen' }, 'Hottest functions of the window'),
      h('thead', {}, h('tr', {},
        head('self', 'Self', 'Samples that end in it'),
        head('total', 'Total', 'Samples that it is anywhere in'),
        h('th', { scope: 'col', class: 'kind' }, 'Kind'),
        h('th', { scope: 'col', class: 'tiers' }, term('Tier', '~ interpreted, ^ baseline, + Maglev, * optimized: how ' +
          'V8 ran the samples that end in it, in per cent.')),
        head('name', 'Function', 'By name'))),
      this.body);
    this.element = h('section', { class: 'panel table', id: 'table', 'aria-labelledby': 'table-title' },
      h('h2', { id: 'table-title' }, term('Hottest functions', 'Self: samples that end in the function. Total: samples ' +
        'that it is anywhere in, each counted once.')),
      h('div', { class: 'bar' }, this.by.element, filter.element), this.summary,
      h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Table of the hottest functions' }, table), this.more);
    this.body.addEventListener('click', (event) => this.click(event));
    this.body.addEventListener('contextmenu', (event) => this.click(event));
  }

  show(run: RunData, state: State, cut: Cut): void {
    this.last = { run, state, cut };
    this.by.set(state.by);
    if (this.filter.value !== state.filter) this.filter.value = state.filter;
    for (const [key, cell] of this.heads) {
      cell.setAttribute('aria-sort', key !== state.sort ? 'none' : key === 'name' ? 'ascending' : 'descending');
    }
    const { regex, error } = pattern(state.filter);
    const all = sorted(run.rows(cut), cut, state.sort);
    const entries = cut.shape.entries;
    const rows = regex ? all.filter((row) => regex.test(entries[row.entry]!.label)) : all;
    this.summary.textContent = error !== '' ? `Not a regular expression: ${error}`
      : `${amount(cut.sum, run.head.unit)}` + leftOut(cut) + (regex ? ` · ${count(rows.length)} of ${count(all.length)} rows` : '');
    const shown = rows.slice(0, this.rowsShown);
    const picked = rows.findIndex((row) => entries[row.entry]!.label === state.picked);
    if (picked >= shown.length) shown.push(rows[picked]!);
    fill(this.body, ...shown.map((row) => this.row(row)));
    this.moreButtons(rows.length, shown.length);
  }

  private row(row: Row): HTMLElement {
    const { run, state, cut } = this.last!;
    const entry = cut.shape.entries[row.entry]!;
    const share = (value: number) => [h('b', {}, count(value)), ' ', h('span', { class: 'share' }, percent(value, cut.sum))];
    const bar = h('span', { class: 'meter', 'aria-hidden': 'true' });
    bar.style.width = `${Math.max(0, Math.min(100, (100 * (state.sort === 'total' ? row.total : row.self)) / cut.sum))}%`;
    const swatch = h('span', { class: 'swatch', 'aria-hidden': 'true' });
    swatch.style.background = css(CATEGORY_COLORS[entry.category]);
    const place = placeOf(entry, run.head.root);
    const name = h('button', { type: 'button', class: 'link' }, clean(nameOf(entry)));
    const picked = entry.label === state.picked;
    return h('tr', { 'data-entry': row.entry, 'data-label': entry.label, 'data-self': row.self, 'data-total': row.total,
      class: picked ? 'picked' : null, 'aria-current': picked ? 'true' : null },
      h('td', { class: 'number' }, ...share(row.self), bar), h('td', { class: 'number' }, ...share(row.total)),
      h('td', { class: 'kind' }, swatch, CATEGORY_WORDS[entry.category]),
      h('td', { class: 'tiers' }, tierText(cut, row.entry)),
      h('td', { class: 'name' }, name, place ? h('span', { class: 'place' }, clean(place)) : null));
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

function tierText(cut: Cut, entry: number): string {
  const tiers = Array.from(cut.entryTiers.subarray(entry * 5, entry * 5 + 5));
  const sum = tiers.reduce((a, b) => a + b, 0);
  return tiers.map((weight, tier) => [weight, tier] as const)
    .filter(([weight, tier]) => tier > 0 && weight > 0)
    .sort((a, b) => b[0] - a[0])
    .slice(0, 3)
    .map(([weight, tier]) => {
      const share = (100 * weight) / sum;
      return TIER_MARKS[tier]! + (share < 0.5 ? '<1' : share.toFixed(0));
    })
    .join(' ');
}

function leftOut(cut: Cut): string {
  const out = cut.leftOut;
  const parts: string[] = [];
  const put = (value: number, why: string) => value > 0 && parts.push(`${count(value)} ${why}`);
  put(out.idle, 'idle');
  put(out.window, 'outside the window');
  put(out.threads, 'of other threads');
  put(out.unfocused, 'not through the focus');
  put(out.ignored, 'ignored');
  return parts.length > 0 ? ` (${parts.join(', ')} left out)` : '';
}
