import { h, term } from '../../dom';
import { count, nounOf, percent, short, unrounded } from '../../format';
import type { RunHead } from '../../head';
import type { LineRow } from '../../model/lines';

/** Lines that are shown; of more, those with most self time. */
const MOST = 25;

/** The lines of a .cpuprofile have no times. */
export const SUMS = 'This recording has no times for its lines: within a window they have the shares of the whole recording.';

/** A table of the lines of a function that ran; null without a known line. */
export function linesTable(lines: LineRow[], sum: number, run: RunHead): HTMLElement | null {
  if (lines.length === 0) return null;
  const { unit } = run;
  const noun = nounOf([unit]);
  const hottest = [...lines].sort((a, b) => b.self - a.self || b.total - a.total).slice(0, MOST);
  const shown = lines.filter((line) => hottest.includes(line));
  const most = Math.max(1, ...shown.map((line) => line.self));
  const cell = (value: number) =>
    h('td', { class: 'number', title: unrounded(value, unit) }, h('b', {}, short(value, unit)), ' ', h('span', { class: 'share' }, percent(value, sum)));
  const rows = shown.map((line) => {
    const bar = h('span', { class: 'meter' });
    bar.style.width = `${((100 * line.self) / most).toFixed(1)}%`;
    return h('tr', { 'data-line': line.line },
      h('th', { scope: 'row', class: 'number' }, line.line === 0 ? 'not known' : String(line.line)),
      cell(line.self), cell(line.total), h('td', { class: 'bar-of', 'aria-hidden': 'true' }, bar));
  });
  const left = lines.length - shown.length;
  return h('div', { class: 'lines' },
    h('p', {}, term('Lines that ran', `Self: ${noun} that end in the line. Total: ${noun} that contain the line, in it or ` +
      'in what it calls, each counted once. The profiler does not know the line of all of them.')),
    h('table', {}, h('caption', { class: 'off-screen' }, 'Lines of the picked function that ran'),
      h('thead', {}, h('tr', {}, h('th', { scope: 'col', class: 'number' }, 'Line'), h('th', { scope: 'col', class: 'number' }, 'Self'),
        h('th', { scope: 'col', class: 'number' }, 'Total'),
        h('td', { class: 'note', 'aria-hidden': 'true' }, 'self, as a bar'))),
      h('tbody', {}, ...rows)),
    run.lines_are_sums ? h('p', { class: 'note' }, SUMS) : null,
    left > 0 ? h('p', { class: 'note' }, `${count(left)} lines with less self time are left out.`) : null);
}
