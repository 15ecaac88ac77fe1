import { brief, clean, fill, h, term } from '../dom';
import { percent, short, unrounded } from '../format';
import type { Cut } from '../model/cut';
import { hottestOwn, notLogged, type OwnFunction } from '../model/own';
import { labelOf } from '../model/shape';
import { shortFile } from '../names';
import type { RunData } from '../session';
import type { State } from '../state';

/** Functions that are listed. */
const MOST = 5;

/** The text of the text output too, for ticks that could change the list. */
const LEFT_OUT = "(caller not logged): ticks in V8's builtins whose caller V8 did not log; they may belong to the functions above";

/** The sentence of the text output too. */
const UNKNOWN = 'It is not known which functions are your own: this recording has no JavaScript function with a file.';

/** The hottest functions of own code in the window, each with what it calls: the answer, which follows a drag. */
export class OwnView {
  readonly element = h('section', { class: 'panel own', id: 'own', 'aria-labelledby': 'own-title' });
  private readonly body = h('tbody');
  private readonly table: HTMLElement;
  private readonly none = h('p', { class: 'note' });
  private readonly whose = h('span', { class: 'clocks' });
  private readonly nothing: string;
  private key = '';

  constructor(private readonly change: (patch: Partial<State>) => void, noun: string) {
    const head = (word: string, number: boolean) => h('th', { scope: 'col', class: number ? 'number' : 'name' }, word);
    this.table = h('table', {},
      h('caption', { class: 'off-screen' }, 'Hottest functions of your own code in the window'),
      h('thead', {}, h('tr', {}, head('With what it calls', true), head('Self', true), head('Function', false))), this.body);
    this.nothing = `No ${noun.replace(/s$/, '')} of this window passes through code of your own.`;
    this.element.append(
      h('h2', { id: 'own-title' }, term('Your own code', `A function of your own code has the ${noun} in it, and in the packages, Node, V8 and ` +
        `native code that it calls. What it calls in your own code counts there, so that each of the ${noun} counts once.`), this.whose),
      this.none, this.table);
    this.body.addEventListener('click', (event) => {
      const label = (event.target as Element).closest('tr')?.dataset['label'];
      if (label !== undefined) this.change({ by: 'function', view: 'sandwich', picked: label, focus: '' });
    });
  }

  show(run: RunData, state: State, cut: Cut): void {
    const { owners } = run;
    const isUnknown = owners === null && !run.namesFiles && run.head.unit !== 'errors' && cut.sum > 0;
    this.element.hidden = owners === null && !isUnknown;
    this.whose.textContent = run.alone === '' ? '' : `of ${clean(run.alone)} alone`;
    if (owners === null) {
      this.none.hidden = !isUnknown;
      this.none.textContent = UNKNOWN;
      this.table.hidden = true;
      this.key = '';
      return;
    }
    const found = hottestOwn(run.profile, owners, cut.stackWeight, MOST);
    const leftOut = notLogged(owners, cut.stackWeight);
    const key = JSON.stringify([run.head.name, state.run, cut.sum, found, leftOut]);
    if (key === this.key) return;
    this.key = key;
    this.none.hidden = found.length > 0;
    this.none.textContent = this.nothing;
    this.table.hidden = found.length === 0;
    const isListed = leftOut > 0 && leftOut >= (found.at(-1)?.weight ?? 0);
    fill(this.body, ...found.map((own) => row(run, cut, own, hasTwin(run, own, found))),
      ...(isListed ? [leftOutRow(run, cut, leftOut)] : []));
  }
}

/** True when another function of the list has the same name, file and line. */
function hasTwin(run: RunData, own: OwnFunction, all: OwnFunction[]): boolean {
  const { name, file, line } = run.profile.functions;
  return all.some(({ fn }) => fn !== own.fn && [name, file, line].every((column) => column[fn] === column[own.fn]));
}

function number(run: RunData, cut: Cut, value: number): HTMLElement {
  return h('td', { class: 'number', title: unrounded(value, run.head.unit) },
    h('b', {}, short(value, run.head.unit)), ' ', h('span', { class: 'share' }, percent(value, cut.sum)));
}

function leftOutRow(run: RunData, cut: Cut, weight: number): HTMLElement {
  return h('tr', {}, number(run, cut, weight), h('td', { class: 'number' }, '-'), h('td', { class: 'name' }, LEFT_OUT));
}

function row(run: RunData, cut: Cut, { fn, weight, self }: OwnFunction, withColumn: boolean): HTMLElement {
  const { functions, strings } = run.profile;
  const line = functions.line[fn]!;
  const file = shortFile(strings.get(functions.file[fn]!), '', run.head.root);
  const place = line > 0 ? `${file}:${line}${withColumn ? `:${functions.column[fn]!}` : ''}` : file;
  return h('tr', { 'data-label': labelOf(run.profile, fn, 0) }, number(run, cut, weight), number(run, cut, self),
    h('td', { class: 'name' },
      h('button', { type: 'button', class: 'link' }, brief(clean(strings.get(functions.name[fn]!) || '<anonymous>'))),
      h('span', { class: 'place' }, brief(clean(place)))));
}
