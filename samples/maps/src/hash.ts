/** Hashing with nothing but arithmetic: each function here is to be hot. */
export interface Digest {
  readonly rounds: number;
  readonly value: number;
}

export const mixWords = (word: number, salt: number): number => {
  let mixed: number = word ^ salt;
  for (let i = 0; i < 400; i++) mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) + i;
  return mixed;
};

export function digestOf(words: readonly number[], salt: number): Digest {
  let value = salt;
  for (const word of words) value = mixWords(value, word);
  return { rounds: words.length, value };
}

/** A generator, which V8 compiles as a function that goes on. */
export function* spread(count: number): Generator<number> {
  let state = count;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < 60; j++) state = Math.imul(state ^ j, 0x297a2d39);
    yield state;
  }
}

export default function (words: number[]): number {
  let sum = 0;
  for (let i = 0; i < 12; i++) for (const word of words) sum = (sum * 31 + word) | 0;
  return sum;
}
