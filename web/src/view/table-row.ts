import { attribute, brief, clean, h, write } from '../dom';
import { percent, short, unrounded } from '../format';
import type { Cut, Row } from '../model/cut';
import { CATEGORY_WORDS, TIER_MARKS } from '../model/kinds';
import { nameOf, placeOf } from '../names';
import type { RunData } from '../session';
import type { State } from '../state';
import { CATEGORY_COLORS, css } from './flame/colors';

/** A row of the table. It shows one function after the other, so that a drag makes no new elements. */
export class TableRow {
  readonly element: HTMLTableRowElement;
  private readonly self = new Text();
  private readonly selfShare = new Text();
  private readonly total = new Text();
  private readonly totalShare = new Text();
  private readonly kind = new Text();
  private readonly tiers = new Text();
  private readonly name = new Text();
  private readonly place = new Text();
  private readonly placed = h('span', { class: 'place' }, this.place);
  private readonly bar = h('span', { class: 'meter', 'aria-hidden': 'true' });
  private readonly swatch = h('span', { class: 'swatch', 'aria-hidden': 'true' });
  private readonly nameCell: HTMLElement;
  private readonly selfCell: HTMLElement;
  private readonly totalCell: HTMLElement;
  private width = '';

  constructor() {
    const share = (value: Text, part: Text) => [h('b', {}, value), ' ', h('span', { class: 'share' }, part)];
    this.selfCell = h('td', { class: 'number' }, ...share(this.self, this.selfShare), this.bar);
    this.totalCell = h('td', { class: 'number' }, ...share(this.total, this.totalShare));
    this.nameCell = h('td', { class: 'name' }, h('button', { type: 'button', class: 'link' }, this.name), this.placed);
    this.element = h('tr', {},
      this.selfCell,
      this.totalCell,
      h('td', { class: 'kind' }, this.swatch, this.kind),
      h('td', { class: 'tiers' }, this.tiers),
      this.nameCell);
  }

  /** Shows the numbers of a function. The bar of a row with the weight `most` is full. */
  show(run: RunData, state: State, cut: Cut, row: Row, most: number): void {
    const entry = cut.shape.entries[row.entry]!;
    const { unit } = run.head;
    write(this.self, short(row.self, unit));
    attribute(this.selfCell, 'title', unrounded(row.self, unit));
    write(this.selfShare, percent(row.self, cut.sum));
    write(this.total, short(row.total, unit));
    attribute(this.totalCell, 'title', unrounded(row.total, unit));
    write(this.totalShare, percent(row.total, cut.sum));
    write(this.tiers, tierText(cut, row.entry));
    // The bar stands below the number that it shows.
    const [cell, weight] = state.sort === 'total' ? [this.totalCell, row.total] : [this.selfCell, row.self];
    if (this.bar.parentNode !== cell) cell.append(this.bar);
    const share = most > 0 ? weight / most : 0;
    const width = `${Math.max(0, Math.min(100, 100 * share)).toFixed(2)}%`;
    if (width !== this.width) this.bar.style.width = this.width = width;
    const picked = entry.label === state.picked;
    attribute(this.element, 'class', picked ? 'picked' : null);
    attribute(this.element, 'aria-current', picked ? 'true' : null);
    attribute(this.element, 'data-self', String(row.self));
    attribute(this.element, 'data-total', String(row.total));
    attribute(this.element, 'data-entry', String(row.entry));
    attribute(this.element, 'data-label', entry.label);
    write(this.kind, CATEGORY_WORDS[entry.category]);
    this.swatch.style.background = css(CATEGORY_COLORS[entry.category]);
    const place = placeOf(entry, run.head.root);
    const name = clean(nameOf(entry));
    write(this.name, brief(name));
    attribute(this.nameCell, 'title', brief(name) === name ? null : name);
    write(this.place, brief(clean(place)));
    this.placed.hidden = place === '';
  }
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
