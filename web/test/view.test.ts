import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Reader } from '../src/data/reader';
import { digits, signed } from '../src/format';
import { CATEGORIES } from '../src/model/kinds';
import { shortFile } from '../src/names';
import { exactly, fromFragment, initial, pattern, toFragment } from '../src/state';
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

test('a change that rounds to nothing has no sign', () => {
  assert.deepEqual([0, -0, 1e-17, -1e-17, 0.0004, -0.5, 12.345].map(signed), ['0', '0', '0', '0', '0', '−0.5', '+12.3']);
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
