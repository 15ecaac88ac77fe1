import { clean, fill, h } from '../../dom';
import type { Picture } from '../../model/picture';
import type { ColorBy } from '../../state';
import { changeColor, css, meaning } from './colors';

/** Items that the legend names; the others are counted. */
const MOST_ITEMS = 12;

/** The meanings of the colours that are on the screen, widest first. */
export class Legend {
  readonly element = h('ul', { class: 'legend', 'aria-label': 'Colours on the screen' });
  private key = '';

  /** Shows the legend of the boxes on the screen. */
  show(picture: Picture, boxes: { node: number; width: number }[], by: ColorBy, tiers: Uint8Array): void {
    if (picture.change) {
      const words: [string, number][] = [['less after', -0.1], ['equal', 0], ['more after', 0.1]];
      return this.fill(words.map(([word, share]) => [word, css(changeColor(share))]), 0);
    }
    const widths = new Map<string, { width: number; color: string }>();
    for (const { node, width } of boxes) {
      const entry = picture.nodes.entry[node]!;
      if (entry < 0) continue;
      const { word, rgb } = meaning(picture.entries[entry]!, by, tiers[entry] ?? 0);
      const known = widths.get(word);
      if (known) known.width += width;
      else widths.set(word, { width, color: css(rgb) });
    }
    const sorted = [...widths].sort((a, b) => b[1].width - a[1].width);
    this.fill(sorted.slice(0, MOST_ITEMS).map(([word, { color }]) => [word, color]), Math.max(0, sorted.length - MOST_ITEMS));
  }

  clear(): void {
    this.fill([], 0);
  }

  /** Writes the legend, when it has changed. */
  private fill(items: [string, string][], more: number): void {
    const key = JSON.stringify([items, more]);
    if (key === this.key) return;
    this.key = key;
    fill(this.element, ...items.map(([word, color]) => legendItem(word, color)), more > 0 && h('li', {}, `and ${more} more`));
  }
}

function legendItem(word: string, color: string): HTMLElement {
  const mark = h('span', { class: 'swatch', 'aria-hidden': 'true' });
  mark.style.background = color;
  return h('li', {}, mark, clean(word));
}
