/** Ends of an axis whose half is a short number too. */
const ENDS = [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10];

/** A short number above `most`, for the end of an axis. Powers of `base` have names. */
export function roundedUp(most: number, base: number): number {
  if (!(most > 0)) return 1;
  const power = base === 1024 ? 1024 ** Math.max(0, Math.floor(Math.log2(most) / 10)) : 1;
  const digits = 10 ** Math.floor(Math.log10(most / power));
  const end = ENDS.find((end) => end * digits * power >= most * 1.02) ?? 12;
  return end * digits * power;
}

type Points = (number | null)[];

/** A line that is more than this many times as high as those of a chart would leave them flat. */
const MOST_TIMES = 4;

/** The number of seconds, such as those with the last answers of a test, in which a line may go beyond the axis. */
const FEW_SECONDS = 2;

export const highest = (values: Points): number => values.reduce((most: number, value) => Math.max(most, value ?? 0), 0);

/** The end of the axis on which a chart's own values can be read beside a line that is much higher; null when no other end is needed. */
export function endBeside(own: Points, line: Points): number | null {
  const most = highest(own);
  const above = line.filter((value) => (value ?? 0) > 2 * most).length;
  const isMuch = highest(line) > MOST_TIMES * most || (above > 0 && above <= FEW_SECONDS);
  return most > 0 && isMuch ? roundedUp(2 * most, 1000) : null;
}
