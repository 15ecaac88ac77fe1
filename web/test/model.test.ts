import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counts, WHOLE } from '../src/model/counts';
import { cutOf, rowsOf, totalTiers, type Cut } from '../src/model/cut';
import { KEEP_ALL, keepOf } from '../src/model/keep';
import { linesOf } from '../src/model/lines';
import { compareText } from '../src/model/order';
import { hottestOwn, notLogged, ownersOf } from '../src/model/own';
import { calleesOf, callersOf } from '../src/model/sandwich';
import { PLAIN, shapeOf, type ShapeOptions } from '../src/model/shape';
import { inOrder } from '../src/model/time-order';
import { changeOf, costsOf } from '../src/model/change';
import { mainTiers } from '../src/view/flame/tiers';
import { profileOf, type Made } from './profile';

const a: Made = { name: 'a', file: '/srv/a.js' };
const b: Made = { name: 'b', file: '/srv/node_modules/p/b.js', category: 'dependency', package: 'p' };
const gc: Made = { name: '(garbage collector)', kind: 'gc', category: 'gc' };
const idle: Made = { name: '(idle)', kind: 'idle', category: 'idle' };

function cut(samples: [number, Made[]][], options: Partial<ShapeOptions> = {}, window = WHOLE): Cut {
  const profile = profileOf(samples);
  return cutOf(profile, shapeOf(profile, { ...PLAIN, ...options }), keepOf(profile, KEEP_ALL), window);
}

const table = (made: Cut) =>
  rowsOf(made).map((row) => [made.shape.entries[row.entry]!.label, row.self, row.total]);

test('self ends in a function, total is anywhere in it', () => {
  assert.deepEqual(table(cut([[1, [a]], [2, [a, b]], [3, [a, b]]])), [
    ['b /srv/node_modules/p/b.js:1:2', 2, 2],
    ['a /srv/a.js:1:2', 1, 3],
  ]);
});

test('recursion counts once in a total', () => {
  assert.deepEqual(table(cut([[1, [a, b, a]], [2, [a, a]]])), [
    ['a /srv/a.js:1:2', 2, 2],
    ['b /srv/node_modules/p/b.js:1:2', 0, 1],
  ]);
});

test('a window holds its start and not its end', () => {
  const made = cut([[10, [a]], [20, [b]], [30, [gc]]], {}, { from: 10, to: 30 });
  assert.equal(made.sum, 2);
  assert.equal(made.leftOut.window, 1);
});

test('idle samples are left out and counted', () => {
  const made = cut([[1, [a]], [2, [idle]]]);
  assert.deepEqual([made.sum, made.leftOut.idle], [1, 1]);
});

test('a hidden frame counts to its caller, and a stack of nothing else is (hidden)', () => {
  assert.deepEqual(table(cut([[1, [a, b]], [2, [b]]], { without: new Set(['dependency']) })), [
    ['(hidden)', 1, 1],
    ['a /srv/a.js:1:2', 1, 1],
  ]);
});

test('stacks that start at own code have no router and no middleware, and each sample counts once', () => {
  const own = { ...a, name: 'own' };
  const samples: [number, Made[]][] = [[1, [b, a, b, own, b]], [2, [b]], [3, [b, a]], [4, [b, own, gc]]];
  const made = cut(samples, { ownFirst: true });
  assert.deepEqual(table(made), [
    ['(garbage collector)', 1, 1],
    ['a /srv/a.js:1:2', 1, 2],
    ['b /srv/node_modules/p/b.js:1:2', 2, 2],
    ['own /srv/a.js:1:2', 0, 2],
  ].sort((x, y) => Number(y[1]) - Number(x[1]) || Number(y[2]) - Number(x[2])));
  // Below “all” stand own code, and the stacks without it.
  const { entry, parent } = made.shape.nodes;
  const first = [...entry].filter((_, node) => node > 0 && parent[node] === 0).map((id) => made.shape.entries[id]!.name);
  assert.deepEqual(first, ['(program)', 'a', 'b', 'own']);
  assert.equal(made.sum, 4);
});

test('a group that calls itself is one box, and each is known by its label', () => {
  const made = cut([[1, [a, b, { ...b, name: 'c' }]], [2, [b]]], { by: 'package' });
  assert.deepEqual(table(made), [['p', 2, 2], ['(app)', 0, 1]]);
});

test('tiers are one or apart, with the weight of each', () => {
  const samples: [number, Made[]][] = [[1, [{ ...a, tier: 1 }]], [2, [{ ...a, tier: 4 }]], [3, [{ ...a, tier: 4 }]]];
  assert.deepEqual(table(cut(samples, { split: true })), [['*a /srv/a.js:1:2', 2, 2], ['~a /srv/a.js:1:2', 1, 1]]);
  const merged = cut(samples);
  assert.deepEqual([...merged.entryTiers].slice(0, 5), [0, 1, 0, 0, 2]);
});

test('a sample of a recursion counts once, in the tier of its innermost frame', () => {
  const [slow, fast] = [{ ...a, tier: 1 }, { ...a, tier: 4 }];
  const profile = profileOf([[1, [slow, slow, slow, slow]], [2, [slow, fast]], [3, [fast]], [4, [fast, b, slow]]]);
  const made = cutOf(profile, shapeOf(profile, PLAIN), keepOf(profile, KEEP_ALL), WHOLE);
  const at = made.shape.entries.findIndex((entry) => entry.label.startsWith('a '));
  assert.deepEqual([...totalTiers(profile, made).subarray(at * 5, at * 5 + 5)], [0, 2, 0, 0, 2]);
  assert.equal(mainTiers(profile, made)[at], 4);
});

test('inlined functions are themselves or their caller', () => {
  const samples: [number, Made[]][] = [[1, [a, { ...b, inlined: true }]]];
  assert.equal(table(cut(samples)).length, 2);
  assert.deepEqual(table(cut(samples, { collapse: true })), [['a /srv/a.js:1:2', 1, 1]]);
});

test('no sample is lost: kept and left out are all that there are', () => {
  let state = 7;
  const random = (below: number) => (state = (Math.imul(state, 1103515245) + 12345) >>> 1) % below;
  const makes = [a, b, gc, idle, { ...a, tier: 4 }, { ...b, inlined: true }];
  const samples = Array.from({ length: 400 }, (_, time): [number, Made[]] =>
    [time, Array.from({ length: random(6) }, () => makes[random(makes.length)]!)]);
  for (let round = 0; round < 30; round++) {
    const from = random(300);
    const made = cut(samples, { by: round % 2 ? 'function' : 'file', collapse: round % 3 === 0 }, { from, to: from + random(150) });
    const out = made.leftOut;
    assert.equal(made.sum + out.idle + out.window + out.threads + out.ignored + out.unfocused, 400);
    assert.equal(made.nodeTotal[0], made.sum);
    assert.equal(rowsOf(made).reduce((sum, row) => sum + row.self, 0), made.sum);
  }
});

test('a sandwich has the total of its function on both sides', () => {
  const made = cut([[1, [a, b]], [2, [b]], [3, [a, b, a]], [4, [a]]]);
  const entry = made.shape.entries.findIndex((one) => one.name === 'b');
  assert.equal(calleesOf(made, entry).sum, made.entryTotal[entry]);
  assert.equal(callersOf(made, entry).sum, made.entryTotal[entry]);
});

test('in time order each sample stands once, and neighbours are joined', () => {
  const profile = profileOf([[1, [a, b]], [2, [a, b]], [3, [a]], [4, [idle]], [5, [a, b]]]);
  const shape = shapeOf(profile, PLAIN);
  const picture = inOrder(profile, shape, keepOf(profile, KEEP_ALL), { from: 0, to: 9 }, 0)!;
  assert.equal(picture.sum, 4);
  assert.equal(picture.nodes.count, 5);
  assert.deepEqual([[...picture.times!.first], [...picture.times!.last]], [[1, 1, 1, 5, 5], [5, 3, 2, 5, 5]]);
});

test('a change is as wide as the larger side and as its callees', () => {
  const picture = changeOf(
    { cuts: [cut([[1, [a, b]], [2, [a]]])], sums: [2], cost: 2, moved: new Map() },
    { cuts: [cut([[1, [a, gc]], [2, [a, gc]]])], sums: [2], cost: 2, moved: new Map() },
  );
  const { before, after } = picture.change!;
  assert.deepEqual([before[0], after[0], picture.sum], [2, 2, 3]);
});

test('a function has the costs of both sides, and recursion counts once', () => {
  const picture = changeOf(
    { cuts: [cut([[1, [a, b, a]], [2, [a]]])], sums: [2], cost: 2, moved: new Map() },
    { cuts: [cut([[1, [a, b]], [2, [a, b]]])], sums: [2], cost: 2, moved: new Map() },
  );
  const of = (name: string) => costsOf(picture, picture.entries.findIndex((entry) => entry.name === name));
  assert.deepEqual(of('a'), { self: [2, 0], total: [2, 2] });
  assert.deepEqual(of('b'), { self: [0, 2], total: [1, 2] });
});

test('a function that moved is one box, at its place after the change', () => {
  const made = (file: string) => cut([[1, [{ ...a, file }]]]);
  const label = (file: string) => made(file).shape.entries[0]!.label;
  const [from, to] = ['/srv/old.js', '/srv/new.js'];
  const side = (file: string, moved: [string, string][]) => ({ cuts: [made(file)], sums: [1], cost: 1, moved: new Map(moved) });
  const { entries, change } = changeOf(side(from, [[label(from), label(to)]]), side(to, []));
  assert.deepEqual(entries.map((entry) => entry.label), [label(to)]);
  assert.deepEqual([...change!.before, ...change!.after], [1, 1, 1, 1]);
});

test('a filter does not make the cost of what is left larger', () => {
  const profile = profileOf([[1, [a, b]], [2, [a, gc]], [3, [gc]], [4, [gc]]]);
  const focused = cutOf(profile, shapeOf(profile, PLAIN), keepOf(profile, { ...KEEP_ALL, focus: /a\.js/ }), WHOLE);
  const side = () => ({ cuts: [focused], sums: [4], cost: 8, moved: new Map<string, string>() });
  const { before } = changeOf(side(), side()).change!;
  assert.equal(before[0], 4);
});

test('own code has what it calls outside of own code, each sample once', () => {
  const c: Made = { name: 'c', file: '/srv/c.js' };
  const profile = profileOf([[1, [a, gc]], [2, [a, c, b]], [3, [a, c]], [4, [a]], [5, [gc]]]);
  const owners = ownersOf(profile);
  const made = cutOf(profile, shapeOf(profile, PLAIN), keepOf(profile, KEEP_ALL), WHOLE);
  const found = hottestOwn(profile, owners, made.stackWeight, 5)
    .map(({ fn, weight, self }) => [profile.strings.get(profile.functions.name[fn]!), weight, self]);
  assert.deepEqual(found, [['a', 2, 1], ['c', 2, 1]]);
  const later = cutOf(profile, shapeOf(profile, PLAIN), keepOf(profile, KEEP_ALL), { from: 4, to: 9 });
  assert.deepEqual(hottestOwn(profile, owners, later.stackWeight, 5).map(({ weight }) => weight), [1]);
});

// The error was: `top` listed 288 ticks for a function, and the page 293.
test('ticks below a caller that V8 left out are those of no function of own code', () => {
  const leftOut: Made = { name: '(caller not logged)', kind: 'native', category: 'native' };
  const dependency: Made = { name: 'd', file: '/srv/node_modules/d/i.js', category: 'dependency' };
  const profile = profileOf([[1, [a, leftOut, gc]], [2, [a, gc]], [3, [a, leftOut, dependency]], [4, [a, leftOut, b, a]]]);
  const owners = ownersOf(profile);
  const made = cutOf(profile, shapeOf(profile, PLAIN), keepOf(profile, KEEP_ALL), WHOLE);
  assert.deepEqual(hottestOwn(profile, owners, made.stackWeight, 5).map(({ weight }) => weight), [2]);
  assert.equal(notLogged(owners, made.stackWeight), 1);
});

test('labels are ordered as their UTF-8 bytes are', () => {
  const labels = ['b', 'a', '\u{1f600}', '\uffee', 'é'];
  const bytes = (text: string) => Buffer.from(text, 'utf8');
  assert.deepEqual([...labels].sort(compareText), [...labels].sort((x, y) => Buffer.compare(bytes(x), bytes(y))));
});

test('a window that moves counts what a fresh one counts', () => {
  const samples = Array.from({ length: 400 }, (_, at): [number, Made[]] => [at * 10, at % 3 ? [a, b] : at % 7 ? [a] : [idle]]);
  const profile = profileOf(samples);
  profile.threads.push({ ...profile.threads[0]!, weights: Float64Array.from(samples, (_, at) => at % 5), total: 800 });
  const moved = new Counts(profile);
  const outs = [new Set<number>(), new Set([0])];
  let seed = 16;
  const next = (below: number) => (seed = (seed * 1103515245 + 12345) % 2 ** 31) % below;
  for (let turn = 0; turn < 300; turn++) {
    const from = next(4200) - 100;
    const window = turn % 17 ? { from, to: from + 1 + next(turn % 2 ? 300 : 4000) } : WHOLE;
    const without = outs[next(5) ? 0 : 1]!;
    const fresh = new Counts(profile);
    fresh.move(window, without);
    moved.move(window, without);
    assert.deepEqual(moved.weight, fresh.weight);
    assert.deepEqual([0, 1].map((thread) => moved.ofThread(thread)), [0, 1].map((thread) => fresh.ofThread(thread)));
  }
});

test('lines of a function sum to its self time, and a recursion counts once in a line', () => {
  const at = (ran: number): Made => ({ ...a, ran });
  const samples: [number, Made[]][] = [[1, [at(3)]], [2, [at(4), b]], [3, [at(4), at(4)]], [4, [at(4), at(5)]], [5, [a]]];
  const profile = profileOf(samples);
  const made = cutOf(profile, shapeOf(profile, PLAIN), keepOf(profile, KEEP_ALL), WHOLE);
  const entry = made.shape.entries.findIndex((one) => one.name === 'a');
  const lines = linesOf(profile, made, entry).map((row) => [row.line, row.self, row.total]);
  assert.deepEqual(lines, [[3, 1, 1], [4, 1, 3], [5, 1, 1], [0, 1, 1]]);
  assert.equal(lines.reduce((sum, [, self]) => sum + self!, 0), made.entrySelf[entry]);
});

test('without lines in the recording a function has none', () => {
  const profile = profileOf([[1, [a]]]);
  const made = cutOf(profile, shapeOf(profile, PLAIN), keepOf(profile, KEEP_ALL), WHOLE);
  assert.deepEqual(linesOf(profile, made, 0), []);
});

test('by line, each line of a function is an entry of its own', () => {
  const at = (ran: number): Made => ({ ...a, ran });
  assert.deepEqual(table(cut([[1, [at(3)]], [2, [at(4)]], [3, [at(4)]], [4, [a]]], { by: 'line' })), [
    ['a /srv/a.js:4:0', 2, 2],
    ['a /srv/a.js:0:0', 1, 1],
    ['a /srv/a.js:3:0', 1, 1],
  ]);
});
