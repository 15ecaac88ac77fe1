import { attribute, button, h } from '../dom';

/** A group of buttons, one of which is pressed. */
export class Choice<T extends string> {
  readonly element: HTMLElement;
  private readonly buttons = new Map<T, HTMLButtonElement>();

  constructor(label: string, choices: readonly (readonly [T, string, string?])[], change: (value: T) => void) {
    this.element = h('div', { class: 'choice', role: 'group', 'aria-label': label });
    for (const [value, word, hint] of choices) {
      const made = button(word, { 'aria-pressed': 'false', title: hint, 'data-value': value }, () => change(value));
      this.buttons.set(value, made);
      this.element.append(made);
    }
  }

  set(value: T): void {
    for (const [own, made] of this.buttons) attribute(made, 'aria-pressed', String(own === value));
  }

  enable(value: T, enabled: boolean, why: string): void {
    const made = this.buttons.get(value);
    if (!made) return;
    made.disabled = !enabled;
    made.title = enabled ? '' : why;
  }
}

/** A switch. */
export function toggle(label: string, hint: string, change: (on: boolean) => void): HTMLButtonElement {
  const made = button(label, { class: 'toggle', 'aria-pressed': 'false', title: hint }, () =>
    change(made.getAttribute('aria-pressed') !== 'true'),
  );
  return made;
}

export const press = (made: HTMLElement, on: boolean): void =>
  attribute(made, 'aria-pressed', String(on));

/** A labelled field for text. */
export function field(label: string, attributes: Record<string, string>, change: (text: string) => void): {
  element: HTMLElement;
  input: HTMLInputElement;
} {
  const input = h('input', { type: 'text', spellcheck: 'false', autocomplete: 'off', ...attributes });
  input.addEventListener('input', () => change(input.value));
  return { element: h('label', { class: 'field' }, h('span', {}, label), input), input };
}
