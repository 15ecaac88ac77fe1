import { kindOf } from '../model/kinds';
import { Reader } from './reader';
import { Strings } from './strings';

/** The functions of a recording, with a column for each property. */
export interface Functions {
  count: number;
  name: Uint32Array;
  file: Uint32Array;
  line: Uint32Array;
  column: Uint32Array;
  kind: Uint8Array;
  category: Uint8Array;
  /** The npm package; 0 for none. */
  package: Uint32Array;
  /** The label without a tier; 0 when it is `name file:line:column`. */
  label: Uint32Array;
  fileGroup: Uint32Array;
  packageGroup: Uint32Array;
}

/** The samples of a thread, in time order. */
export interface Thread {
  name: string;
  times: Float64Array;
  stacks: Uint32Array;
  /** Null when each sample counts 1. */
  weights: Float64Array | null;
  total: number;
  /** The weight of the samples in which the thread was idle. */
  idle: number;
}

const IDLE = kindOf('idle');

/** The frames of a recording: a function in one tier, and on one line where that is known. */
export interface Frames {
  count: number;
  fn: Uint32Array;
  tier: Uint8Array;
  inlined: Uint8Array;
  /** The line that ran, 0 when it is not known; null when it is known of no frame. */
  line: Uint32Array | null;
}

/** A recording, as docs/report.md describes it. */
export interface Profile {
  strings: Strings;
  functions: Functions;
  frames: Frames;
  /** Stack 0 is the empty one; a parent comes before its children. */
  stacks: { count: number; parent: Uint32Array; frame: Uint32Array };
  threads: Thread[];
}

/** Length of each column: the `columns` of a run in the page's head. */
export interface Lengths {
  strings: number;
  text_bytes: number;
  functions: number;
  frames: number;
  /** True when frames have a column of lines. */
  lines: boolean;
  stacks: number;
  threads: { name: string; samples: number; weighted: boolean; timed: boolean }[];
}

/** Decodes base64 and unpacks gzip. */
export async function unpack(base64: string): Promise<Uint8Array> {
  const { readable, writable } = new DecompressionStream('gzip');
  // Without a Blob and a Response: Chromium sends their bytes through another process.
  const [bytes] = await Promise.all([gather(readable), put(writable, bytesOf(base64.trim()))]);
  return bytes;
}

async function put(stream: WritableStream<BufferSource>, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const writer = stream.getWriter();
  await Promise.all([writer.write(bytes), writer.close()]);
}

/** Reads a stream to its end. */
async function gather(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) parts.push(next.value);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  // Browsers of 2025 and later decode by themselves.
  const own = Uint8Array as unknown as { fromBase64?: (text: string) => Uint8Array<ArrayBuffer> };
  if (own.fromBase64) return own.fromBase64(base64);
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Reads the recording from unpacked bytes. */
export function decode(bytes: Uint8Array, lengths: Lengths): Profile {
  const reader = new Reader(bytes);
  const stringLengths = reader.column(lengths.strings);
  const strings = new Strings(reader.take(lengths.text_bytes), stringLengths);
  const functions = decodeFunctions(reader, lengths.functions);
  const fn = reader.column(lengths.frames);
  const flags = reader.small(lengths.frames);
  const tier = flags.map((bits) => bits & 7);
  const inlined = flags.map((bits) => bits >> 3);
  const line = lengths.lines ? reader.column(lengths.frames) : null;
  const stacks = decodeStacks(reader, lengths.stacks);
  const threads = lengths.threads.map((thread) => {
    const times = thread.timed ? reader.sums(thread.samples) : new Float64Array(thread.samples);
    const ids = reader.column(thread.samples);
    const weights = thread.weighted ? reader.wide(thread.samples) : null;
    const total = weights ? weights.reduce((sum, weight) => sum + weight, 0) : ids.length;
    let idle = 0;
    ids.forEach((stack, at) => {
      if (stack > 0 && functions.kind[fn[stacks.frame[stack]!]!] === IDLE) idle += weights?.[at] ?? 1;
    });
    return { name: thread.name, times, stacks: ids, weights, total, idle };
  });
  return { strings, functions, frames: { count: lengths.frames, fn, tier, inlined, line }, stacks, threads };
}

function decodeFunctions(reader: Reader, count: number): Functions {
  return {
    count,
    name: reader.column(count),
    file: reader.column(count),
    line: reader.column(count),
    column: reader.column(count),
    kind: reader.small(count),
    category: reader.small(count),
    package: reader.column(count),
    label: reader.column(count),
    fileGroup: reader.column(count),
    packageGroup: reader.column(count),
  };
}

/** Parents are stored as the distance to them. */
function decodeStacks(reader: Reader, nodes: number): Profile['stacks'] {
  const up = reader.column(nodes);
  const frames = reader.column(nodes);
  const parent = new Uint32Array(nodes + 1);
  const frame = new Uint32Array(nodes + 1);
  for (let i = 0; i < nodes; i++) {
    parent[i + 1] = i + 1 - up[i]!;
    frame[i + 1] = frames[i]!;
  }
  return { count: nodes + 1, parent, frame };
}
