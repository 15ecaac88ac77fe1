/** Compares texts by code points (UTF-8 bytes), as Rust does, and not by UTF-16 units. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const surrogate = (c: number) => c >= 0xd800 && c <= 0xdfff;
    if (surrogate(x) !== surrogate(y)) return surrogate(x) ? 1 : -1;
    return x - y;
  }
  return a.length - b.length;
}

const SURROGATES = /[\ud800-\udfff]/;

/** The comparison for these texts: without surrogates, UTF-16 units have the order of code points. */
export const comparisonOf = (texts: readonly string[]): ((a: string, b: string) => number) =>
  texts.some((text) => SURROGATES.test(text)) ? compareText : (a, b) => (a < b ? -1 : a > b ? 1 : 0);
