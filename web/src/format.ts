/** Numbers for people. */
const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

export const count = (value: number): string => whole.format(value);

/** A share as `12.5 %`; small shares have two decimals: `0.02 %`. */
export function percent(part: number, of: number): string {
  if (of <= 0) return '0 %';
  const share = (100 * part) / of;
  return `${share.toFixed(share > 0 && share < 1 ? 2 : 1)} %`;
}

/** Microseconds: `75.0 s`, `850 ms`. */
export function duration(us: number): string {
  if (us < 1_000) return `${Math.round(us)} µs`;
  if (us < 1_000_000) return `${(us / 1_000).toFixed(us < 10_000 ? 1 : 0)} ms`;
  return `${(us / 1_000_000).toFixed(1)} s`;
}

/** Seconds on the axis: `12.5 s`, `1:02:05`. */
export function moment(seconds: number): string {
  if (Math.abs(seconds) < 600) return `${trim(seconds)} s`;
  const sign = seconds < 0 ? '-' : '';
  const all = Math.round(Math.abs(seconds));
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(all / 3600);
  const rest = `${two(Math.floor(all / 60) % 60)}:${two(all % 60)}`;
  return sign + (hours > 0 ? `${hours}:${rest}` : rest);
}

/** A number with at most three decimals and no zeros at the end. */
export const trim = (value: number): string => String(Number(value.toFixed(3)));

/** A number in three digits and at most three decimals. It is rounded once: after a second time 0.02651 would be 0.026. */
export const digits = (value: number): string => trim(Math.abs(value) < 1 ? value : Number(value.toPrecision(3)));

/** A change in three digits with its sign; what rounds to nothing has none. */
export function signed(value: number): string {
  const text = digits(Math.abs(value));
  return text === '0' ? text : `${value > 0 ? '+' : '−'}${text}`;
}

/** Milliseconds of an answer. */
export function millis(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1_000 ? `${ms.toFixed(0)} ms` : `${(ms / 1_000).toFixed(2)} s`;
}

/** A count with its unit: `1 tick`, `2 ticks`. */
export function amount(value: number, unit: string): string {
  const one = value === 1 && unit.endsWith('s') ? unit.slice(0, -1) : unit;
  return `${count(value)} ${one}`;
}
