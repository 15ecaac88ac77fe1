import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Reader } from '../src/data/reader';
import { amount, cost, digits, exact, moments, nounOf, relative, sampled, short, signed, TIME_STEPS, unrounded } from '../src/format';
import { CATEGORIES } from '../src/model/kinds';
import { shortFile } from '../src/names';
import { exactly, fromFragment, initial, pattern, toFragment, typedWindow, unknownWindow } from '../src/state';
import { endBeside } from '../src/view/axis';
import { CATEGORY_COLORS, INK, TIER_COLORS, changeColor, contrast, packageColor } from '../src/view/flame/colors';

test('text on every box has a contrast of 4.5 or more', () => {
  for (const category of CATEGORIES) assert.ok(contrast(CATEGORY_COLORS[category], INK) >= 4.5, category);
  for (const [tier, rgb] of Object.entries(TIER_COLORS)) assert.ok(contrast(rgb, INK) >= 4.5, tier);
  for (let i = 0; i < 2000; i++) assert.ok(contrast(packageColor(`package-${i}`), INK) >= 4.5, `package-${i}`);
  for (let share = -1; share <= 1; share += 0.05) assert.ok(contrast(changeColor(share), INK) >= 4.5, `${share}`);
});

test('a number is rounded once', () => {
  assert.deepEqual([0.02651, 0.0265, 0.2515, 9.9951, 1234, 0.9996].map(digits), ['0.027', '0.026', '0.252', '10', '1230', '1']);
});

test('weights have a unit that people read, and the exact one beside it', () => {
  const ns = [0, 1, 999, 1_000, 999_499, 999_500, 6_012_024, 118_236_472, 999_600_000, 200_333_274_626, 12_345_678_901_234];
  assert.deepEqual(ns.map((value) => short(value, 'nanoseconds')),
    ['0', '1 ns', '999 ns', '1 µs', '999 µs', '1 ms', '6.01 ms', '118 ms', '1 s', '200 s', '12,346 s']);
  assert.deepEqual(['CPU nanoseconds', 'microseconds', 'milliseconds', 'seconds'].map((unit) => short(1_500, unit)),
    ['1.5 µs', '1.5 ms', '1.5 s', '1,500 s']);
  assert.deepEqual([9_999_999, 10_000_000, 999_499_999, 999_500_000, 12_345_678_901].map((value) => short(value, 'cycles')),
    ['9,999,999', '10 M', '999 M', '1 G', '12.3 G']);
  assert.equal(short(12_345_678, 'ticks'), '12,345,678');
  assert.deepEqual([amount(1, 'ticks'), amount(12_345_678, 'ticks'), amount(12_345_678, 'cycles'), amount(0, 'nanoseconds')],
    ['1 tick', '12,345,678 ticks', '12.3 M cycles', '0 s']);
  assert.deepEqual([sampled(118_236_472, 'nanoseconds'), sampled(2, 'samples')], ['118 ms in samples', '2 samples']);
  assert.equal(exact(118_236_472, 'nanoseconds'), '118,236,472 nanoseconds');
  assert.deepEqual([unrounded(118_236_472, 'nanoseconds'), unrounded(12_345_678, 'cycles'), unrounded(3, 'cycles'), unrounded(12_345_678, 'ticks')],
    ['118,236,472 nanoseconds', '12,345,678 cycles', null, null]);
  assert.deepEqual([['ticks'], ['errors'], ['nanoseconds'], ['ticks', 'ticks'], ['ticks', 'samples'], []].map(nounOf),
    ['ticks', 'errors', 'samples', 'ticks', 'samples', 'samples']);
});

/** The error was: the last second of the side before, of 10.5 s, left the lines of the side after flat. */
test('a few high seconds of the other side do not make the axis longer', () => {
  const own = [100, 3_100, null];
  assert.deepEqual([[300, 400, 10_500], [7_000, 7_000, 7_000], [5_000, 6_000, 3_000], [20_000, 20_000, 20_000]].map((line) => endBeside(own, line)),
    [8_000, null, null, 8_000]);
});

/** The error was: a step of the waterfall was `−1` and another one `−0.05`, where the terminal has `−1.00` and `−0.050`. */
test('costs and changes have the digits of the terminal', () => {
  assert.deepEqual([1, 0.05, 8.93, 10.84, 0.9996, 99.96, 1234.5, 0.0004].map(cost), ['1.00', '0.050', '8.93', '10.8', '1.00', '100', '1,235', '0.0004']);
  assert.deepEqual([[4, 4.2], [10, 0], [11.2, 8.93]].map(([a, b]) => relative(a!, b!)), ['+5.0 %', '−100 %', '−20.3 %']);
});

test('a change that rounds to nothing has no sign', () => {
  assert.deepEqual([0, -0, 1e-17, -1e-17, 0.0004, -0.5, 12.345].map(signed), ['0', '0', '0', '0', '+0.0004', '−0.500', '+12.3']);
});

test('a state survives its fragment', () => {
  const first = initial({ id: 'plateau' });
  const state = {
    ...first,
    window: { from: 1_234_567, to: 9_000_001 },
    by: 'package' as const,
    split: true,
    without: new Set(['native', 'gc'] as const),
    search: 'a&b=c #d',
    hide: exactly('f (x) /srv/a.js:1:2'),
    threadsOut: new Set([0, 3]),
    icicle: false,
  };
  const back = fromFragment(`#${toFragment(state, first)}`, first, ['whole', 'plateau']);
  assert.deepEqual({ ...back, without: [...back.without].sort() }, { ...state, without: [...state.without].sort() });
  assert.equal(toFragment(first, first), '');
});

test('a fragment that names nothing known is as at first', () => {
  const first = initial({ id: 'load' });
  assert.deepEqual(fromFragment('#w=nothing&by=x&view=%%&run=-3', first, ['whole', 'load']), first);
});

test('a pattern matches one label and nothing else', () => {
  const label = 'a.b (c) [d] /srv/$x.js:1:2';
  const { regex } = pattern(exactly(label));
  assert.ok(regex!.test(label) && !regex!.test(`${label}3`) && !regex!.test('axb (c) [d] /srv/$x.js:1:2'));
  assert.equal(pattern('(').regex, null);
  assert.notEqual(pattern('(').error, '');
});

test('numbers of one and of eight bytes are read back', () => {
  const bytes: number[] = [];
  const put = (value: bigint) => {
    for (; value >= 128n; value >>= 7n) bytes.push(Number(value & 127n) | 128);
    bytes.push(Number(value));
  };
  const values = [0n, 127n, 128n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n - 1n];
  values.forEach(put);
  const reader = new Reader(Uint8Array.from(bytes));
  for (const value of values) assert.equal(BigInt(reader.number()), value);
  assert.throws(() => reader.number(), /cut off/);
});

test('files are shortened to their package or root', () => {
  assert.equal(shortFile('/a/node_modules/x/node_modules/@s/x/i.js', '@s/x', '/a/'), '@s/x/i.js');
  assert.equal(shortFile('C:\\a\\node_modules\\x\\i.js', 'x', ''), 'x\\i.js');
  assert.equal(shortFile('/srv/app/src/main.js', '', '/srv/app/'), 'src/main.js');
  assert.equal(shortFile('node:fs', '', '/srv/'), 'node:fs');
});

test('the labels of a time axis have one form', () => {
  assert.deepEqual(moments([0, 20, 40]), ['0 s', '20 s', '40 s']);
  assert.deepEqual(moments([0, 300, 600]), ['0:00', '5:00', '10:00']);
  assert.deepEqual(moments([0, 1800, 3600]), ['0:00', '30:00', '1:00:00']);
  assert.ok(TIME_STEPS.every((step, at) => at === 0 || step > TIME_STEPS[at - 1]!));
});

test('two typed times are a window, or the reason why they are none', () => {
  const typed = (from: string, to: string) => typedWindow(from, to, -1.3, 73.2);
  assert.deepEqual(typed('10', '20'), { from: 10, to: 20 });
  assert.deepEqual(typed('-9', '900'), { from: -1.3, to: 73.2 });
  for (const [from, to, why] of [['20', '10', /before it begins/], ['20', '20', /no time in it/], ['', '10', /two times/],
    ['x', '10', /two times/], ['0', 'Infinity', /two times/], ['80', '90', /goes from -1\.3 s to 73\.2 s/], ['-9', '-2', /Nothing was recorded/]] as const) {
    assert.match(String(typed(from, to)), why, `${from} ${to}`);
  }
});

test('a window that an address names and the page does not have is named', () => {
  const windows = ['whole', 'plateau'];
  assert.deepEqual(['', '#w=plateau', '#w=5-9us', '#w=9-5us', '#w=plateau-7', '#w=', '#by=file'].map((text) => unknownWindow(text, windows)),
    ['', '', '', '9-5us', 'plateau-7', '', '']);
});
