import { decode, unpack, type Profile } from './data/decode';
import { painted } from './dom';
import { duration, nanoseconds } from './format';
import type { Head, NamedWindow, RunHead } from './head';
import { Counts, WHOLE, type Window } from './model/counts';
import { cutOf, rowsOf, sumOf, type Cut, type Row } from './model/cut';
import { KEEP_ALL, keepOf, type Keep } from './model/keep';
import { kindOf } from './model/kinds';
import { ownersOf } from './model/own';
import { shapeOf, type Shape } from './model/shape';
import { pattern, type State } from './state';

/** A run with its columns, and the last results that were computed from it. */
export class RunData {
  readonly main: number;
  readonly zero: number;
  private shapeKey = '';
  private shapeNow: Shape | null = null;
  private keepAll: Keep | null = null;
  private keepKey = '';
  private keepNow: Keep | null = null;
  private wholeNow: Cut | null = null;
  private sumNow: number | null = null;
  private readonly counts: Counts;
  private kinds: Uint8Array | null = null;
  private ownersNow: Int32Array | null | undefined;
  private filesNow: boolean | undefined;

  constructor(
    readonly head: RunHead,
    readonly profile: Profile,
  ) {
    this.main = head.main_thread;
    this.counts = new Counts(profile);
    this.zero = head.load?.start_us ?? 0;
  }

  /** Converts microseconds to seconds on the axis: those of the load test, or else of the recording. */
  seconds(us: number): number {
    return (us - this.zero) / 1e6;
  }

  /** The words after seconds of the axis, where the recording counts other seconds; else empty. */
  get clock(): string {
    return this.zero === 0 ? '' : ' of the load test';
  }

  /** Says where second 0 of the load test is in the recording, where they differ; else empty. A table may have
   * whole seconds, so that its second 0 is earlier than its first request. */
  get apart(): string {
    if (this.zero === 0) return '';
    const side = this.zero > 0 ? 'after' : 'before';
    return `second 0 of the load test is ${duration(Math.abs(this.zero))} ${side} the start of the recording`;
  }

  microseconds(seconds: number): number {
    return Math.round(seconds * 1e6) + this.zero;
  }

  /** The window of a choice; the whole run when this run has no such window. */
  window(choice: State['window']): Window {
    if (!('id' in choice)) return { from: Math.max(0, choice.from), to: choice.to };
    const named = this.named(choice.id);
    return named ? { from: named.from_us, to: named.to_us } : WHOLE;
  }

  named(id: string): NamedWindow | undefined {
    return this.head.windows.find((window) => window.id === id);
  }

  shape(state: State): Shape {
    const without = [...state.without].sort().join(',');
    const key = [state.by, state.split, state.collapse, state.hide, without, state.ownFirst].join('\n');
    if (this.shapeNow === null || key !== this.shapeKey) {
      this.shapeNow = shapeOf(this.profile, {
        by: state.by,
        split: state.split,
        collapse: state.collapse,
        hide: pattern(state.hide).regex,
        without: state.without,
        ownFirst: state.ownFirst,
      });
      this.shapeKey = key;
      this.wholeNow = null;
    }
    return this.shapeNow;
  }

  keep(state: State): Keep {
    const out = [...state.threadsOut].sort().join(',');
    const key = [state.focus, state.ignore, state.idle, state.collapse, out].join('\n');
    if (this.keepNow === null || key !== this.keepKey) {
      this.keepNow = keepOf(this.profile, {
        focus: pattern(state.focus).regex,
        ignore: pattern(state.ignore).regex,
        idle: state.idle,
        collapse: state.collapse,
        without: state.threadsOut,
      });
      this.keepKey = key;
      this.wholeNow = null;
      this.sumNow = null;
    }
    return this.keepNow;
  }

  cut(state: State): Cut {
    const [shape, keep] = [this.shape(state), this.keep(state)];
    return cutOf(this.profile, shape, keep, this.window(state.window), this.counts);
  }

  /** The numbers of the whole run, for shares of all samples. */
  whole(state: State): Cut {
    const [shape, keep] = [this.shape(state), this.keep(state)];
    this.wholeNow ??= cutOf(this.profile, shape, keep, WHOLE);
    return this.wholeNow;
  }

  /** The weight of the whole run. It is found without the numbers of its functions. */
  sum(state: State): number {
    const keep = this.keep(state);
    return (this.sumNow ??= sumOf(this.profile, keep, WHOLE));
  }

  /** The weight of the state's window. It is found without the numbers of its functions. */
  sumIn(state: State): number {
    return sumOf(this.profile, this.keep(state), this.window(state.window), this.counts);
  }

  /** The weight of a window with all samples that are not idle, whatever is filtered. */
  unfiltered(window: Window): number {
    return sumOf(this.profile, (this.keepAll ??= keepOf(this.profile, KEEP_ALL)), window);
  }

  rows(cut: Cut): Row[] {
    return rowsOf(cut);
  }

  /** Microseconds that a weight of 1 stands for; null when unknown. */
  perWeight(): number | null {
    const { unit, event, interval_us } = this.head;
    const ns = nanoseconds(unit);
    if (ns !== null) return ns / 1e3;
    return event === '' && /ticks|samples/.test(unit) ? interval_us : null;
  }

  /** The function of own code of each stack; null when no stack has one. */
  get owners(): Int32Array | null {
    if (this.ownersNow === undefined) {
      const owners = ownersOf(this.profile);
      this.ownersNow = owners.some((owner) => owner >= 0) ? owners : null;
    }
    return this.ownersNow;
  }

  /** False when no function of JavaScript has a file, so that it is not known whose code it is. */
  get namesFiles(): boolean {
    const { kind, file } = this.profile.functions;
    return (this.filesNow ??= kind.some((one, fn) => one === JS && file[fn] !== 0));
  }

  /** The name of the run for a sentence about it, when the page has several runs; else empty. */
  get alone(): string {
    return this.head.side === 'only' ? '' : this.head.name;
  }

  /** The kind of each stack's own frame; 255 for the empty stack. */
  get leafKinds(): Uint8Array {
    if (this.kinds) return this.kinds;
    const { stacks, frames, functions } = this.profile;
    const kinds = new Uint8Array(stacks.count).fill(255);
    for (let stack = 1; stack < stacks.count; stack++) kinds[stack] = functions.kind[frames.fn[stacks.frame[stack]!]!]!;
    return (this.kinds = kinds);
  }
}

const JS = kindOf('js');
export const IDLE = kindOf('idle');
export const GC = kindOf('gc');

/** Letters of packed columns above which reading them takes longer than a glance at the answer. */
const LARGE = 1_000_000;

/** The runs of a page. Each is unpacked when it is first needed. */
export class Session {
  private readonly runs: (Promise<RunData> | undefined)[] = [];

  constructor(readonly head: Head) {}

  run(number: number): Promise<RunData> {
    return (this.runs[number] ??= this.load(number));
  }

  private async load(number: number): Promise<RunData> {
    const element = document.getElementById(`columns-${number}`);
    const head = this.head.runs[number];
    if (!element || !head) throw new Error(`this page has no run number ${number + 1}`);
    const packed = element.textContent ?? '';
    // The page's answer, which needs no columns, comes first.
    if (packed.length > LARGE) await painted();
    const bytes = await unpack(packed);
    element.remove();
    return new RunData(head, decode(bytes, head.lengths));
  }
}
