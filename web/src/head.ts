import type { Lengths } from './data/decode';
import type { Comparison } from './comparison-data';

/** A named part of a run, in microseconds since the recording's zero. */
export interface NamedWindow {
  id: string;
  label: string;
  note: string;
  from_us: number;
  to_us: number;
}

type Values = (number | null)[];

export interface LoadHead {
  source: string;
  format: string;
  start_us: number | null;
  clock: string;
  resolution_s: number;
  start_unix_s: number | null;
  unit: string;
  load: Values;
  goodput: Values;
  p50: Values;
  p95: Values;
  p99: Values;
  errors: { kind: string; values: Values }[];
  dropped: Values;
  tracks: { name: string; unit: string; note: string; at_us: number[]; values: Values }[];
}

/** An error of the application's log, and the tenths of a second in which it was logged. */
export interface LoggedHead {
  name: string;
  causes: string[];
  thrown: string;
  means: string;
  /** Since the recording's zero, ascending. */
  tenths: number[];
  counts: number[];
  untimed: number;
}

export interface RunHead {
  name: string;
  side: 'only' | 'before' | 'after';
  producer: string;
  unit: string;
  /** The event that was sampled, when it measures no time of running; else empty. */
  event: string;
  interval_us: number | null;
  end_us: number;
  timed: boolean;
  unreadable: number;
  lines_are_sums: boolean;
  root: string;
  /** The number of the main thread. */
  main_thread: number;
  /** True when each sample lasts until the next one, as those of V8's CPU profiler do: on a busy machine it takes them late. */
  until_next: boolean;
  /** True when samples also count time in which a thread waited for a core. */
  counts_waits: boolean;
  /** Shares of a core of the main thread, as the kernel counted them between two times; null when it did not. */
  main_cores: { from_us: number[]; to_us: number[]; shares: number[] } | null;
  /** The command that shows the same run in a terminal. */
  command: string;
  lengths: Lengths;
  windows: NamedWindow[];
  opens: number | null;
  load: LoadHead | null;
  logged: LoggedHead[] | null;
}

/** The head of the page's data: docs/report.md. */
export interface Head {
  schema: string;
  title: string;
  command_window: string;
  /** The window whose costs are compared: an id of `windows`, or `whole`. */
  compared_window: string | null;
  runs: RunHead[];
  comparison: Comparison | null;
  gates: { gate: string; crossings: string[] }[];
}

export const SCHEMA = 'spikeflame.report/2';
