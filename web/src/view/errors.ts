import type { Profile } from '../data/decode';
import { clean, fill, h } from '../dom';
import { count, moment } from '../format';
import { lowerBound, type Window } from '../model/counts';
import { kindOf } from '../model/kinds';
import { labelOf } from '../model/shape';
import { shortFile } from '../names';
import type { RunData } from '../session';

interface ErrorRow {
  name: string;
  causes: string[];
  count: number;
  first: number;
  last: number;
  thrown: Map<string, number>;
}

const ERROR = kindOf('error');

/** The errors of an application's log within the window. */
export class ErrorsView {
  readonly element = h('section', { class: 'panel errors', id: 'errors', 'aria-labelledby': 'errors-title', hidden: true });
  private readonly stacks = new WeakMap<Profile, Map<number, [string[], string]>>();

  show(run: RunData, window: Window): void {
    const known = this.ofStacks(run);
    this.element.hidden = known.size === 0;
    if (known.size === 0) return;
    const rows = errorsOf(run.profile, window, known);
    const total = rows.reduce((sum, row) => sum + row.count, 0);
    fill(
      this.element,
      h('h2', { id: 'errors-title' }, 'Errors of the window'),
      rows.length === 0
        ? h('p', { class: 'note' }, 'The application logged no error in this window.')
        : h('p', { class: 'note' }, `${count(total)} errors in the application’s log`),
      rows.length > 0 &&
        h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Table of errors' },
          h('table', {},
            h('thead', {}, h('tr', {}, ...['Count', 'First', 'Last', 'Error', 'Thrown at'].map((word) => h('th', { scope: 'col' }, word)))),
            h('tbody', {}, ...rows.slice(0, 50).map((row) => rowOf(row, run))))),
    );
  }

  /** Stacks that are errors: the names, outermost first, and the place where each was thrown. */
  private ofStacks(run: RunData): Map<number, [string[], string]> {
    let found = this.stacks.get(run.profile);
    if (found) return found;
    found = new Map();
    this.stacks.set(run.profile, found);
    const { functions, stacks, frames, strings } = run.profile;
    if (!functions.kind.includes(ERROR)) return found;
    for (let stack = 1; stack < stacks.count; stack++) {
      const names: string[] = [];
      let thrown = '';
      for (let at = stack; at > 0; at = stacks.parent[at]!) {
        const fn = frames.fn[stacks.frame[at]!]!;
        if (functions.kind[fn] === ERROR) names.unshift(labelOf(run.profile, fn, 0));
        else if (functions.category[fn] === 0 && thrown === '' && functions.file[fn] !== 0) {
          const file = shortFile(strings.get(functions.file[fn]!), '', run.head.root);
          thrown = `${strings.get(functions.name[fn]!) || '<anonymous>'} ${file}:${functions.line[fn]}`;
        }
      }
      if (names.length > 0) found.set(stack, [names, thrown]);
    }
    return found;
  }
}

function errorsOf(profile: Profile, window: Window, known: Map<number, [string[], string]>): ErrorRow[] {
  const rows = new Map<string, ErrorRow>();
  for (const { times, stacks, weights } of profile.threads) {
    const from = window.from <= 0 ? 0 : lowerBound(times, window.from);
    const to = window.to === Infinity ? stacks.length : lowerBound(times, window.to);
    for (let i = from; i < to; i++) {
      const error = known.get(stacks[i]!);
      if (!error) continue;
      const [names, thrown] = error;
      const key = names.join('\n');
      let row = rows.get(key);
      if (!row) {
        row = { name: names[0]!, causes: names.slice(1), count: 0, first: times[i]!, last: 0, thrown: new Map() };
        rows.set(key, row);
      }
      const weight = weights ? weights[i]! : 1;
      row.count += weight;
      row.first = Math.min(row.first, times[i]!);
      row.last = Math.max(row.last, times[i]!);
      row.thrown.set(thrown, (row.thrown.get(thrown) ?? 0) + weight);
    }
  }
  return [...rows.values()].sort((a, b) => b.count - a.count || a.first - b.first);
}

function rowOf(row: ErrorRow, run: RunData): HTMLElement {
  const thrown = [...row.thrown].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
  const at = (us: number) => (run.head.timed ? moment(run.seconds(us)) : '–');
  return h('tr', {},
    h('td', { class: 'number' }, count(row.count)),
    h('td', { class: 'number' }, at(row.first)),
    h('td', { class: 'number' }, at(row.last)),
    h('td', { class: 'name' }, clean(row.name), ...row.causes.map((cause) => h('div', { class: 'place' }, `caused by ${clean(cause)}`))),
    h('td', { class: 'place' }, clean(thrown) || '–'));
}
