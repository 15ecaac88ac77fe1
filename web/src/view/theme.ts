/** The fonts of the page's style, for canvases: the browser has looked these up already. */
export const FAMILY = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';

/** Light or dark theme: the system's choice, until the reader chooses. */
const KEY = 'spikeflame-theme';

function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** Takes up the theme that the reader chose before, ahead of the first picture: a change would flash. */
export function startTheme(): void {
  const theme = stored();
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset['theme'] = theme;
}

export function isDark(): boolean {
  const chosen = document.documentElement.dataset['theme'];
  return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
}

export function nextTheme(): void {
  const theme = isDark() ? 'light' : 'dark';
  document.documentElement.dataset['theme'] = theme;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Pages opened from a disk may have no storage.
  }
}

/** CSS pixels of a printed page's width: A4 and Letter within the margins of the browsers. */
const PAPER = 690;

/**
 * Prints in the light theme and at the width of paper. `recolor` draws the canvases anew, before and
 * after the print.
 */
export function printInLight(recolor: () => void): void {
  const { dataset } = document.documentElement;
  let shown: string | undefined;
  addEventListener('beforeprint', () => {
    shown = dataset['theme'];
    dataset['theme'] = 'light';
    document.body.style.width = `${PAPER}px`;
    recolor();
  });
  addEventListener('afterprint', () => {
    if (shown === undefined) delete dataset['theme'];
    else dataset['theme'] = shown;
    document.body.style.width = '';
    recolor();
  });
}
