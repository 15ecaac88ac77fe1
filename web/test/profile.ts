import type { Profile } from '../src/data/decode';
import { Strings } from '../src/data/strings';
import { CATEGORIES, KINDS, type Category, type Kind } from '../src/model/kinds';

/** A frame of a made-up stack: `name|kind|category|file|tier|inlined`. */
export interface Made {
  name: string;
  kind?: Kind;
  category?: Category;
  file?: string;
  tier?: number;
  inlined?: boolean;
  package?: string;
  /** The line that ran. */
  ran?: number;
}

/** A profile from stacks with their times, one thread. */
export function profileOf(samples: [time: number, stack: Made[]][]): Profile {
  const texts: string[] = [''];
  const text = (value: string) => {
    let id = texts.indexOf(value);
    if (id < 0) id = texts.push(value) - 1;
    return id;
  };
  const functions: { key: string; made: Made }[] = [];
  const frames: { key: string; fn: number; made: Made }[] = [];
  const stacks: { parent: number; frame: number }[] = [{ parent: 0, frame: 0 }];
  const ids: number[] = [];
  for (const [, stack] of samples) {
    let at = 0;
    for (const made of stack) {
      const key = JSON.stringify([made.name, made.kind, made.file]);
      let fn = functions.findIndex((one) => one.key === key);
      if (fn < 0) fn = functions.push({ key, made }) - 1;
      const frameKey = `${fn} ${made.tier ?? 0} ${made.inlined ?? false} ${made.ran ?? 0}`;
      let frame = frames.findIndex((one) => one.key === frameKey);
      if (frame < 0) frame = frames.push({ key: frameKey, fn, made }) - 1;
      let next = stacks.findIndex((one, id) => id > 0 && one.parent === at && one.frame === frame);
      if (next < 0) next = stacks.push({ parent: at, frame }) - 1;
      at = next;
    }
    ids.push(at);
  }
  const column = (value: (made: Made) => number) => Uint32Array.from(functions, ({ made }) => value(made));
  const kind = (made: Made) => made.kind ?? 'js';
  const category = (made: Made) => made.category ?? 'app';
  const isPlaced = (made: Made) => kind(made) === 'js' && Boolean(made.file);
  const built = {
    count: functions.length,
    name: column((made) => text(made.name)),
    file: column((made) => text(made.file ?? '')),
    line: column(() => 1),
    column: column(() => 2),
    kind: Uint8Array.from(functions, ({ made }) => KINDS.indexOf(kind(made))),
    category: Uint8Array.from(functions, ({ made }) => CATEGORIES.indexOf(category(made))),
    package: column((made) => text(made.package ?? '')),
    label: column((made) => (isPlaced(made) ? 0 : text(made.name))),
    fileGroup: column((made) => text(made.file ?? `(${category(made)})`)),
    packageGroup: column((made) => text(made.package ?? `(${category(made)})`)),
  };
  const encoded = texts.map((value) => new TextEncoder().encode(value));
  const whole = new Uint8Array(encoded.reduce((sum, part) => sum + part.length, 0));
  encoded.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return {
    strings: new Strings(whole, Uint32Array.from(encoded, (part) => part.length)),
    functions: built,
    frames: {
      count: frames.length,
      fn: Uint32Array.from(frames, (frame) => frame.fn),
      tier: Uint8Array.from(frames, ({ made }) => made.tier ?? 0),
      inlined: Uint8Array.from(frames, ({ made }) => (made.inlined ? 1 : 0)),
      line: frames.some(({ made }) => made.ran) ? Uint32Array.from(frames, ({ made }) => made.ran ?? 0) : null,
    },
    stacks: {
      count: stacks.length,
      parent: Uint32Array.from(stacks, (stack) => stack.parent),
      frame: Uint32Array.from(stacks, (stack) => stack.frame),
    },
    threads: [
      {
        name: 'main',
        times: Float64Array.from(samples, ([time]) => time),
        stacks: Uint32Array.from(ids),
        weights: null,
        total: samples.length,
        idle: 0,
      },
    ],
  };
}
