/** Numbers for people. */
const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

export const count = (value: number): string => whole.format(value);

/** A share as `12.5 %`; small shares have two decimals, or one digit: `0.02 %`, `0.0004 %`. */
export function percent(part: number, of: number): string {
  if (of <= 0) return '0 %';
  const share = (100 * part) / of;
  if (share > 0 && share < 0.005) return `${Number(share.toPrecision(1))} %`;
  return `${share.toFixed(share > 0 && share < 1 ? 2 : 1)} %`;
}

export const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** Microseconds: `75.0 s`, `850 ms`. */
export function duration(us: number): string {
  if (us < 1_000) return `${Math.round(us)} µs`;
  if (us < 1_000_000) return `${(us / 1_000).toFixed(us < 10_000 ? 1 : 0)} ms`;
  return `${(us / 1_000_000).toFixed(1)} s`;
}

/** From this many seconds on, times are written as minutes and hours. */
const CLOCK = 600;

/** A moment in seconds: `12.5 s`, `1:02:05`. */
export const moment = (seconds: number): string => (Math.abs(seconds) < CLOCK ? `${trim(seconds)} s` : clock(seconds));

/** A moment with one decimal: `34.0 s`, `1:02:05`. */
export const tenth = (seconds: number): string => (Math.abs(seconds) < CLOCK ? `${seconds.toFixed(1)} s` : clock(seconds));

/** Two moments of a window, in tenths of a second where it has many. */
export function span(from: number, to: number): string {
  const near = (seconds: number) => moment(to - from < 5 ? seconds : Math.round(seconds * 10) / 10);
  return `${near(from)} to ${near(to)}`;
}

/** Labels of a time axis, all in one form: `0 s`, `20 s`; on a long one `0:00`, `5:00`, `10:00`. */
export const moments = (seconds: number[]): string[] =>
  seconds.map(seconds.some((second) => Math.abs(second) >= CLOCK) ? clock : moment);

/** Distances between the labels of a time axis, in seconds: round numbers, from a minute on of the clock. */
export const TIME_STEPS = [
  ...[-3, -2, -1, 0].flatMap((power) => [1, 2, 5].map((digit) => Number((digit * 10 ** power).toFixed(3)))),
  ...[10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400],
];

/** Seconds as `10:05` or `1:02:05`. */
function clock(seconds: number): string {
  const sign = seconds < 0 ? '-' : '';
  const all = Math.round(Math.abs(seconds));
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(all / 3600);
  const minutes = Math.floor(all / 60) % 60;
  return `${sign}${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(all % 60)}`;
}

/** A number with at most three decimals and no zeros at the end. */
export const trim = (value: number): string => String(Number(value.toFixed(3)));

/** A number in three digits and at most three decimals. It is rounded once: after a second time 0.02651 would be 0.026. */
export const digits = (value: number): string => trim(Math.abs(value) < 1 ? value : Number(value.toPrecision(3)));

/** A cost in three digits, with the zeros at its end, as the terminal has it: `11.0`, `0.050`. A cost below 0.0005 has one digit. */
export function cost(value: number): string {
  const size = Math.abs(value);
  if (size < 0.00005) return '0';
  if (size < 0.0005) return value.toFixed(4);
  if (size < 0.9995) return value.toFixed(3);
  return size < 999.5 ? value.toFixed(size < 9.995 ? 2 : size < 99.95 ? 1 : 0) : count(value);
}

/** A change of a cost with its sign; what rounds to nothing has none. */
export function signed(value: number): string {
  const text = cost(Math.abs(value));
  return text === '0' ? text : `${value > 0 ? '+' : '−'}${text}`;
}

/** A change relative to the cost before, as the terminal has it: `−20.3 %`, `−100 %`, `+5.0 %`. */
export function relative(before: number, after: number): string {
  const change = (100 * (after - before)) / before;
  if (change <= -99.95) return '−100 %';
  return `${change < 0 ? '−' : '+'}${Math.abs(change).toFixed(1)} %`;
}

/** Milliseconds of an answer. */
export function millis(ms: number): string {
  // One decimal of a millisecond shows no microseconds.
  if (ms > 0 && ms < 0.0995) return ms < 0.0005 ? `${digits(1e6 * ms)} ns` : `${digits(1e3 * ms)} µs`;
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1_000 ? `${ms.toFixed(0)} ms` : `${(ms / 1_000).toFixed(2)} s`;
}

/** A weight with its unit, as it was recorded: `1 tick`, `190,380,760 nanoseconds`. */
export function exact(value: number, unit: string): string {
  const one = value === 1 && unit.endsWith('s') ? unit.slice(0, -1) : unit;
  return `${count(value)} ${one}`;
}

/** Nanoseconds of the units of time. */
const NANOSECONDS: Record<string, number> = { nanoseconds: 1, microseconds: 1e3, milliseconds: 1e6, seconds: 1e9 };

/** Nanoseconds that a weight of 1 stands for; null when the unit is no unit of time. */
export const nanoseconds = (unit: string): number | null => NANOSECONDS[unit.slice(unit.lastIndexOf(' ') + 1)] ?? null;

/** Units whose numbers people count, so that each is written in full. */
const COUNTED = ['ticks', 'samples', 'errors'];

/** A number above which cycles, instructions and bytes are written in millions. */
const LONG = 10_000_000;

const threeDigits = (value: number): string => (value >= 999.5 ? count(value) : trim(Number(value.toPrecision(3))));

/** A weight for a column of a table. Times have a unit that fits, and large counts are in millions: `118 ms`, `1.2 G`. */
export function short(value: number, unit: string): string {
  const ns = nanoseconds(unit);
  if (ns !== null && value === 0) return '0';
  if (ns !== null) {
    const all = value * ns;
    // A value that rounds to 1,000 has the next larger unit.
    if (all < 999.5) return `${threeDigits(all)} ns`;
    if (all < 999.5e3) return `${threeDigits(all / 1e3)} µs`;
    return all < 999.5e6 ? `${threeDigits(all / 1e6)} ms` : `${threeDigits(all / 1e9)} s`;
  }
  if (COUNTED.includes(unit) || value < LONG) return count(value);
  return value < 999.5e6 ? `${threeDigits(value / 1e6)} M` : `${threeDigits(value / 1e9)} G`;
}

/** A weight with its unit, short: `118 ms`, `1.2 G cycles`, `2 ticks`. */
export function amount(value: number, unit: string): string {
  if (nanoseconds(unit) !== null) return value === 0 ? '0 s' : short(value, unit);
  return value < LONG ? exact(value, unit) : `${short(value, unit)} ${unit}`;
}

/** The same within a sentence that has other times too. */
export const sampled = (value: number, unit: string): string =>
  amount(value, unit) + (nanoseconds(unit) === null ? '' : ' in samples');

/** The exact weight, where `short` rounds it. */
export function unrounded(value: number, unit: string): string | null {
  return nanoseconds(unit) !== null || short(value, unit) !== count(value) ? exact(value, unit) : null;
}

/** The word for what a recording counts: ticks, errors, or samples. */
export const nounOf = (units: string[]): string =>
  units.every((unit) => unit === units[0] && COUNTED.includes(unit)) ? (units[0] ?? 'samples') : 'samples';
