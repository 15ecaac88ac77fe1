import type { Profile } from '../data/decode';
import { clean, fill, h } from '../dom';
import { count, exact, moment, percent, tenth } from '../format';
import type { LoadHead, LoggedHead } from '../head';
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
  means: string;
}

const ERROR = kindOf('error');
const TENTH_US = 100_000;

/** The errors of the window: failed requests of the load test, and those of the application's log. */
export class ErrorsView {
  readonly element = h('section', { class: 'panel errors', id: 'errors', 'aria-labelledby': 'errors-title', hidden: true });
  private readonly stacks = new WeakMap<Profile, Map<number, [string[], string]>>();
  private key = '';

  show(run: RunData, window: Window): void {
    const known = this.ofStacks(run);
    const failed = run.head.load && run.head.load.start_us !== null ? failedIn(run, run.head.load, window) : null;
    const logs = known.size > 0 || run.head.logged !== null;
    this.element.hidden = !logs && failed === null;
    if (this.element.hidden) return;
    const rows = [...errorsOf(run.profile, window, known), ...loggedIn(run.head.logged ?? [], window)]
      .sort((a, b) => b.count - a.count || a.first - b.first);
    const key = JSON.stringify([run.head.name, failed, rows.map((row) => [row.name, row.count, row.first, row.last])]);
    if (key === this.key) return;
    this.key = key;
    fill(
      this.element,
      h('h2', { id: 'errors-title' }, 'Errors of the window'),
      ...(failed ? failedRequests(failed) : []),
      ...(logs ? logged(rows, run) : []),
      failed && logs && h('p', { class: 'note' }, 'The two numbers need not agree: a request can fail without an error in the log, and the log ' +
        'can have several errors of one request, or errors without one. Failed requests are those of the whole seconds ' +
        'in the window, by the time of their answer; errors of the log are those of its tenths of a second.'),
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

interface Failed {
  kinds: { kind: string; count: number }[];
  requests: number;
}

/** Failed requests by kind, of the whole seconds whose middle lies within the window. Null when the test had none. */
export function failedIn(run: { seconds(us: number): number }, load: LoadHead, window: Window): Failed | null {
  if (load.errors.length === 0) return null;
  const from = Math.max(0, Math.ceil(run.seconds(window.from) - 0.5));
  const to = window.to === Infinity ? load.goodput.length : Math.max(from, Math.ceil(run.seconds(window.to) - 0.5));
  const sum = (values: (number | null)[]) => values.slice(from, to).reduce<number>((all, value) => all + (value ?? 0), 0);
  const kinds = load.errors.map(({ kind, values }) => ({ kind, count: Math.round(sum(values)) }));
  const failed = kinds.reduce((all, { count: n }) => all + n, 0);
  return { kinds: kinds.filter((one) => one.count > 0), requests: Math.round(sum(load.goodput)) + failed };
}

function failedRequests({ kinds, requests }: Failed): HTMLElement[] {
  const failed = kinds.reduce((all, one) => all + one.count, 0);
  if (failed === 0) return [h('p', { class: 'note' }, 'No request failed in this window.')];
  const sorted = [...kinds].sort((a, b) => b.count - a.count);
  return [
    h('p', { class: 'note' }, `${count(failed)} of ${count(requests)} requests failed, ${percent(failed, requests)}, as the load test counted them`),
    h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Table of failed requests' },
      h('table', { class: 'failed' },
        h('thead', {}, h('tr', {}, ...['Count', 'Share of requests', 'Answer'].map((word) => h('th', { scope: 'col' }, word)))),
        h('tbody', {}, ...sorted.map((one) => h('tr', {},
          h('td', { class: 'number' }, count(one.count)),
          h('td', { class: 'number' }, percent(one.count, requests)),
          h('td', { class: 'name' }, clean(one.kind))))))),
  ];
}

function logged(rows: ErrorRow[], run: RunData): HTMLElement[] {
  if (rows.length === 0) return [h('p', { class: 'note' }, 'The application logged no error in this window.')];
  const total = rows.reduce((sum, row) => sum + row.count, 0);
  return [
    h('p', { class: 'note' }, `${exact(total, 'errors')} in the application’s log${run.clock && '; the times below are seconds'}${run.clock}`),
    h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Table of errors' },
      h('table', { class: 'logged' },
        h('thead', {}, h('tr', {}, ...['Count', 'First', 'Last', 'Error', 'Thrown at'].map((word) => h('th', { scope: 'col' }, word)))),
        h('tbody', {}, ...rows.slice(0, 50).map((row) => rowOf(row, run))))),
  ];
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
        row = { name: names[0]!, causes: names.slice(1), count: 0, first: times[i]!, last: 0, thrown: new Map(), means: '' };
        rows.set(key, row);
      }
      const weight = weights ? weights[i]! : 1;
      row.count += weight;
      row.first = Math.min(row.first, times[i]!);
      row.last = Math.max(row.last, times[i]!);
      row.thrown.set(thrown, (row.thrown.get(thrown) ?? 0) + weight);
    }
  }
  return [...rows.values()];
}

/** The errors of the log beside the recording. A tenth of a second belongs to the window that holds its middle. */
export function loggedIn(logged: LoggedHead[], window: Window): ErrorRow[] {
  const whole = window.from <= 0 && window.to === Infinity;
  const rows = logged.map(({ name, causes, thrown, means, tenths, counts, untimed }) => {
    const within = tenths.map((_, at) => at).filter((at) => {
      const middle = (tenths[at]! + 0.5) * TENTH_US;
      return whole || (middle >= window.from && middle < window.to);
    });
    const count = within.reduce((sum, at) => sum + counts[at]!, whole ? untimed : 0);
    const moment = (at: number | undefined) => (at === undefined ? NaN : tenths[at]! * TENTH_US);
    return { name, causes, count, first: moment(within[0]), last: moment(within.at(-1)), thrown: new Map([[thrown, count]]), means };
  });
  return rows.filter((row) => row.count > 0);
}

function rowOf(row: ErrorRow, run: RunData): HTMLElement {
  const thrown = [...row.thrown].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
  // The times of a log beside the recording are tenths of a second.
  const words = (seconds: number) => (run.head.logged ? tenth(seconds) : moment(seconds));
  const at = (us: number) => (run.head.timed && !Number.isNaN(us) ? words(run.seconds(us)) : '–');
  return h('tr', {},
    h('td', { class: 'number' }, count(row.count)),
    h('td', { class: 'number' }, at(row.first)),
    h('td', { class: 'number' }, at(row.last)),
    h('td', { class: 'name' }, clean(row.name), ...row.causes.map((cause) => h('div', { class: 'place' }, `caused by ${clean(cause)}`)),
      row.means && h('div', { class: 'place' }, row.means)),
    h('td', { class: 'place' }, clean(thrown) || '–'));
}
