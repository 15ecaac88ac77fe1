import { fill, h } from '../dom';

/** A choice of a menu. */
export interface Choice {
  label: string;
  key: string;
  run: () => void;
}

/** A menu at a place. It keeps the keyboard's focus until it closes. */
export class Menu {
  readonly element = h('div', { class: 'menu', role: 'menu', hidden: true });
  private back: HTMLElement | null = null;

  constructor() {
    document.addEventListener('pointerdown', (event) => {
      if (!this.element.hidden && !this.element.contains(event.target as Node)) this.close(false);
    });
    this.element.addEventListener('keydown', (event) => this.key(event));
  }

  get isOpen(): boolean {
    return !this.element.hidden;
  }

  open(title: string, choices: Choice[], x: number, y: number): void {
    this.back = document.activeElement as HTMLElement | null;
    const items = choices.map((choice) => {
      const item = h(
        'button',
        { type: 'button', role: 'menuitem', tabindex: -1 },
        choice.label,
        choice.key ? h('kbd', {}, choice.key) : null,
      );
      item.addEventListener('click', () => {
        this.close(true);
        choice.run();
      });
      return item;
    });
    this.element.setAttribute('aria-label', title);
    fill(this.element, h('div', { class: 'menu-title', role: 'presentation' }, title), ...items);
    this.element.hidden = false;
    const { offsetWidth: width, offsetHeight: height } = this.element;
    this.element.style.left = `${Math.max(4, Math.min(x, window.innerWidth - width - 8))}px`;
    this.element.style.top = `${Math.max(4, Math.min(y, window.innerHeight - height - 8))}px`;
    items[0]?.focus({ preventScroll: true });
  }

  close(refocus: boolean): void {
    if (this.element.hidden) return;
    this.element.hidden = true;
    if (refocus) this.back?.focus({ preventScroll: true });
  }

  private key(event: KeyboardEvent): void {
    const items = [...this.element.querySelectorAll('button')];
    const at = items.indexOf(document.activeElement as HTMLButtonElement);
    if (event.key === 'Escape' || event.key === 'Tab') {
      this.close(true);
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const step = event.key === 'ArrowDown' ? 1 : -1;
      items[(at + step + items.length) % items.length]?.focus();
    } else if (event.key !== 'Enter' && event.key !== ' ') {
      const choice = items.find((item) => item.querySelector('kbd')?.textContent === event.key);
      if (!choice) return;
      choice.click();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
