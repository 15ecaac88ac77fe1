/** A set of pairs of numbers, each with an index: children of a trie by parent and entry. */
export class Pairs {
  private table: Int32Array;
  private mask: number;
  firsts: Int32Array;
  seconds: Int32Array;
  length = 0;

  constructor(expected = 1024) {
    let size = 2048;
    while (size < expected * 2) size *= 2;
    this.table = new Int32Array(size).fill(-1);
    this.mask = size - 1;
    this.firsts = new Int32Array(size / 2);
    this.seconds = new Int32Array(size / 2);
  }

  /** Returns the index of the pair. A new pair is added. */
  place(first: number, second: number): number {
    let slot = this.hash(first, second);
    for (;;) {
      const at = this.table[slot]!;
      if (at < 0) break;
      if (this.firsts[at] === first && this.seconds[at] === second) return at;
      slot = (slot + 1) & this.mask;
    }
    if (this.length >= this.firsts.length) {
      this.grow();
      return this.place(first, second);
    }
    const at = this.length++;
    this.firsts[at] = first;
    this.seconds[at] = second;
    this.table[slot] = at;
    return at;
  }

  private hash(first: number, second: number): number {
    let hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
    hash ^= hash >>> 15;
    return hash & this.mask;
  }

  private grow(): void {
    const { firsts, seconds, length } = this;
    const bigger = new Pairs(firsts.length * 2);
    this.table = bigger.table;
    this.mask = bigger.mask;
    this.firsts = bigger.firsts;
    this.seconds = bigger.seconds;
    this.firsts.set(firsts);
    this.seconds.set(seconds);
    for (let at = 0; at < length; at++) {
      let slot = this.hash(firsts[at]!, seconds[at]!);
      while (this.table[slot]! >= 0) slot = (slot + 1) & this.mask;
      this.table[slot] = at;
    }
  }
}
