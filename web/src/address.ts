/**
 * The page's address, whose fragment holds the reader's choices. Each choice is an entry of the browser's history, so
 * that Back undoes it. A change that goes on and on, such as typing, is one entry.
 */
export class Address {
  /** The fragment that this page last read or wrote. The reader may have changed the address since. */
  private known = fragmentNow();
  private wanted: string;
  private series = '';
  private timer = 0;

  /** `moved` reads the state from a new address, and returns the fragment of that state. */
  constructor(
    first: string,
    private readonly moved: (fragment: string) => string,
  ) {
    this.wanted = first;
    window.addEventListener('hashchange', () => this.catchUp());
    // A field that the reader has left, and then comes back to, begins a new entry.
    document.addEventListener('focusout', () => (this.series = ''));
  }

  /**
   * Reads an address that the reader chose: by Back, by a link, by hand. The browser's event comes some time after the
   * address has changed, so each change of the state calls this first. A state must not overwrite a newer address.
   */
  catchUp(): void {
    const now = fragmentNow();
    if (now === this.known) return;
    clearTimeout(this.timer);
    this.timer = 0;
    this.series = '';
    this.known = now;
    this.wanted = this.moved(now);
  }

  /** Writes the fragment of a choice. Changes of one `series` that follow each other share an entry. */
  put(fragment: string, series = ''): void {
    const goesOn = series !== '' && series === this.series;
    if (fragment === this.wanted) return;
    if (!goesOn) this.flush();
    this.series = series;
    this.wanted = fragment;
    if (!goesOn) this.write('pushState');
    else if (this.timer === 0) this.timer = window.setTimeout(() => this.flush(), SOON);
  }

  /** Writes what waits. */
  private flush(): void {
    if (this.timer === 0) return;
    clearTimeout(this.timer);
    this.timer = 0;
    // The reader's new address counts: its event comes soon, and must not find an older state in its place.
    if (fragmentNow() === this.known) this.write('replaceState');
  }

  private write(how: 'pushState' | 'replaceState'): void {
    try {
      history[how](null, '', this.wanted === '' ? location.pathname + location.search : `#${this.wanted}`);
    } catch {
      // Browsers limit the number of entries in a short time. The next choice writes the address again.
    }
    this.known = fragmentNow();
  }
}

/** Milliseconds between two writes of a change that goes on. */
const SOON = 150;

const fragmentNow = (): string => location.hash.replace(/^#/, '');
