import { fill, h } from '../dom';

/** A fact of a tooltip: its name, its value, and where that is rounded the exact one. */
export type Fact = [string, string, (string | null)?];

/** Facts beside the pointer, one a line. */
export class Tooltip {
  readonly element = h('div', { class: 'tooltip', hidden: true, 'aria-hidden': 'true' });

  show(title: string, facts: Fact[], x: number, y: number): void {
    fill(this.element, h('strong', {}, title), factList(facts));
    this.element.hidden = false;
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const left = Math.max(4, Math.min(x + 14, window.innerWidth - width - 8));
    const below = y + 18 + height < window.innerHeight;
    this.element.style.left = `${left}px`;
    this.element.style.top = `${below ? y + 18 : Math.max(4, y - height - 12)}px`;
  }

  hide(): void {
    this.element.hidden = true;
  }
}

export function factList(facts: Fact[]): HTMLElement {
  return h('dl', {}, ...facts.map(([name, value, exact]) =>
    h('div', {}, h('dt', {}, name), h('dd', { title: exact }, value))));
}
