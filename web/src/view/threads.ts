import { button, clean, fill, h } from '../dom';
import { amount, percent, unrounded } from '../format';
import type { RunData } from '../session';
import type { State } from '../state';

/** The choice of threads that are counted. */
export class ThreadsView {
  readonly element = h('details', { class: 'threads' });

  constructor(private readonly change: (out: ReadonlySet<number>) => void) {}

  show(run: RunData, state: State): void {
    const { threads } = run.profile;
    this.element.hidden = threads.length < 2;
    if (threads.length < 2) return;
    const sizes = threads.map(({ total, idle }) => (state.idle ? total : total - idle));
    const all = sizes.reduce((sum, size) => sum + size, 0);
    const shown = threads.length - state.threadsOut.size;
    const order = threads.map((_, number) => number).sort((a, b) => sizes[b]! - sizes[a]!);
    const only = (number: number) => new Set(order.filter((other) => other !== number));
    fill(
      this.element,
      h('summary', {}, `Threads: ${shown} of ${threads.length}`),
      h('div', { class: 'bar' },
        button('All', {}, () => this.change(new Set())),
        button('Main only', {}, () => this.change(only(run.main)))),
      h('ul', {}, ...order.map((number) => {
        const [thread, size] = [threads[number]!, sizes[number]!];
        const box = h('input', { type: 'checkbox', checked: !state.threadsOut.has(number) });
        box.addEventListener('change', () => {
          const out = new Set(state.threadsOut);
          if (box.checked) out.delete(number);
          else out.add(number);
          this.change(out);
        });
        return h('li', {}, h('label', {}, box, ` ${clean(thread.name) || `thread ${number + 1}`}`,
          h('span', { class: 'share', title: unrounded(size, run.head.unit) }, ` ${amount(size, run.head.unit)} · ${percent(size, all)}`)));
      })),
    );
  }
}
