import { CATEGORY_WORDS, type Category } from '../../model/kinds';
import type { Entry } from '../../model/shape';
import type { ColorBy } from '../../state';

export type Rgb = readonly [number, number, number];

/** Colour of text on boxes, in the light and the dark theme. Its contrast is at least 4.5:1 on each colour below. */
export const INK: Rgb = [16, 20, 26];

/** Colours after Okabe and Ito, lightened for dark text. Readers who confuse red and green can distinguish them. */
export const CATEGORY_COLORS: Record<Category, Rgb> = {
  app: [243, 156, 40],
  dependency: [240, 222, 90],
  'node core': [90, 195, 150],
  wasm: [190, 160, 110],
  builtin: [125, 196, 238],
  native: [125, 160, 225],
  kernel: [168, 148, 222],
  gc: [226, 110, 75],
  compiler: [222, 160, 195],
  idle: [222, 222, 222],
  unresolved: [158, 158, 158],
  error: [235, 95, 100],
};

export const TIER_COLORS: Record<string, Rgb> = {
  interpreted: [226, 110, 75],
  baseline: [240, 222, 90],
  maglev: [125, 196, 238],
  optimized: [90, 195, 150],
  'no tier': [205, 205, 205],
};

export const TIERS = ['no tier', 'interpreted', 'baseline', 'maglev', 'optimized'] as const;

const GREY: Rgb = [205, 205, 205];

/** A number from a text, the same on every machine (FNV-1a). */
export function spread(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

const paler = (rgb: Rgb, part: number): Rgb =>
  [0, 1, 2].map((i) => Math.round(rgb[i]! + (255 - rgb[i]!) * part)) as unknown as Rgb;

/** A light colour of a package, by its name. */
export function packageColor(name: string): Rgb {
  const hash = spread(name);
  return hsl(hash % 360, 45 + ((hash >>> 9) % 25), 68 + ((hash >>> 16) % 10));
}

function hsl(hue: number, saturation: number, lightness: number): Rgb {
  const a = (saturation / 100) * Math.min(lightness / 100, 1 - lightness / 100);
  const part = (n: number) => {
    const k = (n + hue / 30) % 12;
    return Math.round(255 * (lightness / 100 - a * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [part(0), part(8), part(4)];
}

export const css = (rgb: Rgb): string => `rgb(${rgb[0]},${rgb[1]},${rgb[2]})`;

/** The colour of an entry, and its meaning in the words of the legend. */
export function meaning(entry: Entry, by: ColorBy, tier: number): { word: string; rgb: Rgb } {
  if (by === 'tier') {
    const word = TIERS[entry.kind === 'js' ? tier : 0]!;
    return { word, rgb: TIER_COLORS[word]! };
  }
  if (by === 'package') {
    if (entry.package !== '') return { word: entry.package, rgb: packageColor(entry.package) };
    if (entry.category === 'app') return { word: 'own code', rgb: CATEGORY_COLORS.app };
    return { word: 'no package', rgb: GREY };
  }
  return { word: CATEGORY_WORDS[entry.category], rgb: CATEGORY_COLORS[entry.category] };
}

/** The colour of a box: neighbours of one meaning differ by a shade. */
export const boxColor = (rgb: Rgb, label: string): string => css(paler(rgb, (spread(label) % 4) * 0.06));

/** The colour of a change, from blue (less) over grey to orange (more). `share` is its size, from -1 to 1. */
export function changeColor(share: number): Rgb {
  const strength = Math.min(1, Math.sqrt(Math.min(1, Math.abs(share) * 12)));
  const to: Rgb = share > 0 ? [235, 120, 40] : [90, 150, 235];
  const from: Rgb = [226, 228, 232];
  return [0, 1, 2].map((i) => Math.round(from[i]! + (to[i]! - from[i]!) * strength)) as unknown as Rgb;
}

/** Contrast of two colours after WCAG 2. */
export function contrast(a: Rgb, b: Rgb): number {
  const luminance = (rgb: Rgb) => {
    const [r, g, blue] = rgb.map((value) => {
      const c = value / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    }) as [number, number, number];
    return 0.2126 * r + 0.7152 * g + 0.0722 * blue;
  };
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}
