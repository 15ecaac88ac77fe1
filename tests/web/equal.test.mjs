// Fifty random selections: the table of the page is the table of `spikeflame top`.
import { isDeepStrictEqual } from 'node:util';
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { close, drawn, open, report, rows, skip, spikeflame } from './browser.mjs';

after(close);

let state = 20261127;
const random = (below) => (state = (Math.imul(state, 1103515245) + 12345) >>> 1) % below;
const pick = (values) => values[random(values.length)];

const INPUTS = [
  ['spike/before-1', 74_000_000, 14],
  ['v8/mix-node22.log.zst', 4_000_000, 12],
  ['json/trace-node22.json.zst', 3_000_000, 8],
  ['perf/plain.data.zst', 2_000_000, 8],
  ['pprof/datadog-labels.pb.gz', 0, 8],
  ['lines/lines-node26.log.zst', 800_000, 4],
  // The page reads the lines that ran, and so knows source files here. `top --group-by file` does
  // not read them and shows libraries.
  ['perf-text/source-lines.txt.zst', 0, 4, [[''], ['line', 'line'], ['category', 'category']]],
];
const GROUPS = [[''], [''], ['line', 'line'], ['file', 'file'], ['package', 'package'], ['category', 'category']];
const PATTERNS = ['', '', '', 'node_modules', 'node:', 'Builtin', 'transform|crypt', '[a-f]{3}'];

/** A selection, as flags and as a fragment. */
function selection(length, groups) {
  const flags = [];
  const parts = new URLSearchParams();
  const choose = (key, flag, values) => {
    const [fragment, ...words] = pick(values);
    if (fragment === '') return;
    parts.set(key, fragment);
    flags.push(flag, ...words);
  };
  if (length > 0 && random(4) > 0) {
    const from = random(length);
    const to = from + 1 + random(length - from);
    parts.set('w', `${from}-${to}us`);
    flags.push('--from', `${from}us`, '--to', `${to}us`);
  } else parts.set('w', 'whole');
  choose('by', '--group-by', groups);
  choose('tiers', '--tiers', [[''], ['1', 'split']]);
  choose('folded', '--inlined', [[''], ['1', 'collapse']]);
  choose('idle', '--idle', [[''], ['', ''], ['1', 'keep']]);
  for (const key of ['focus', 'ignore', 'hide']) {
    const pattern = pick(PATTERNS);
    if (pattern === '' || random(2)) continue;
    parts.set(key, pattern);
    // The page's patterns match whatever the case.
    flags.push(`--${key}`, `(?i)${pattern}`);
  }
  return { flags, fragment: parts.toString() };
}

function expected(input, flags) {
  try {
    const table = JSON.parse(spikeflame('top', '-q', input, ...flags, '--format', 'json'));
    return table.functions.map((row) => [row.label, row.self, row.total]);
  } catch (error) {
    // Nothing is left: the page shows no row.
    if (error.status === 2) return [];
    throw error;
  }
}

for (const [input, length, times, groups = GROUPS] of INPUTS) {
  test(`${input}: ${times} selections`, { skip }, async () => {
    const path = report(input);
    const page = await open(path);
    for (let round = 0; round < times; round++) {
      const { flags, fragment } = selection(length, groups);
      await page.evaluate((hash) => (location.hash = hash), `${fragment}&round=${round}`);
      await drawn(page);
      const wanted = expected(input, flags);
      // On a busy machine the new address may reach the page some pictures later.
      const until = Date.now() + 120_000;
      let shown = await rows(page);
      while (!isDeepStrictEqual(shown, wanted) && Date.now() < until) {
        await drawn(page);
        shown = await rows(page);
      }
      assert.deepEqual(shown, wanted, `${flags.join(' ')} (#${fragment})`);
    }
    assert.deepEqual(page.trouble, []);
  });
}

test('the lines of a picked function are those of `top --lines`', { skip }, async () => {
  for (const input of ['lines/lines-node26.log.zst', 'lines/lines-node26.cpuprofile']) {
    const { functions } = JSON.parse(spikeflame('top', '-q', input, '--lines', '^hot ', '--format', 'json'));
    const page = await open(report(input), { fragment: new URLSearchParams({ fn: functions[0].label }).toString() });
    const shown = await page.$$eval('.lines tbody tr', (rows) => rows.map((row) =>
      [Number(row.dataset.line), ...[1, 2].map((at) => Number(row.cells[at].querySelector('b').textContent))]));
    assert.ok(shown.length > 3, input);
    assert.deepEqual(shown, functions[0].lines.map(({ line, self, total }) => [line ?? 0, self, total]), input);
    assert.deepEqual(page.trouble, []);
  }
});
