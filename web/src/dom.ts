type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | null | undefined>;

/** Makes an element. Texts become text nodes and never markup. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children) {
    if (child) element.append(child);
  }
  return element;
}

/** A button. */
export function button(label: string, attributes: Attributes, run: () => void): HTMLButtonElement {
  const made = h('button', { type: 'button', ...attributes }, label);
  made.addEventListener('click', run);
  return made;
}

/** Two texts, of which the page shows one: for readers with a pointer, and for those who touch the screen. */
export function byInput(pointer: string, touch: string): HTMLElement[] {
  return [h('span', { class: 'by-pointer' }, pointer), h('span', { class: 'by-touch' }, touch)];
}

/** A term with an explanation that opens beside it. */
export function term(word: string, explanation: string): HTMLElement {
  const id = `term-${++terms}`;
  const note = h('span', { class: 'explanation', id, role: 'note', hidden: true }, explanation);
  const mark = h(
    'button',
    { type: 'button', class: 'term', 'aria-expanded': 'false', 'aria-controls': id },
    word,
  );
  mark.addEventListener('click', () => {
    note.hidden = !note.hidden;
    mark.setAttribute('aria-expanded', String(!note.hidden));
  });
  return h('span', { class: 'term-of' }, mark, note);
}

let terms = 0;

/** Replaces the content of an element. */
export function fill(element: Element, ...children: Child[]): void {
  element.replaceChildren(...children.filter((child): child is Node | string => Boolean(child)));
}

/** Sets an attribute, unless it has that value already: each setting costs the browser a look at its styles. */
export function attribute(element: Element, name: string, value: string | null): void {
  if (element.getAttribute(name) === value) return;
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, value);
}

/** Sets the text of a text node, unless it has that text already. */
export function write(node: Text, text: string): void {
  if (node.data !== text) node.data = text;
}

const LONGEST = 400;

/** Removes control characters and marks that change the direction of text from a name. */
export function clean(text: string): string {
  const visible = text.replace(
    // eslint-disable-next-line no-control-regex
    /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g,
    '\ufffd',
  ).replace(/[\t\n\r]/g, ' ');
  return visible.length > LONGEST ? `${visible.slice(0, LONGEST)}…` : visible;
}

const BRIEF = 160;

/** Shortens a name for a row of a table: a longer one loses its middle. */
export function brief(text: string): string {
  return text.length > BRIEF ? `${text.slice(0, BRIEF - 40)}…${text.slice(-39)}` : text;
}

/** Calls `run` at most once for each frame of the screen, however often the result is called. */
export function eachFrame(run: () => void): () => void {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      run();
    });
  };
}

/** Waits until everything made so far is on the screen. A page in the background paints nothing, and waits no longer. */
export const painted = (): Promise<void> =>
  new Promise((done) => {
    setTimeout(done, 100);
    requestAnimationFrame(() => setTimeout(done));
  });
