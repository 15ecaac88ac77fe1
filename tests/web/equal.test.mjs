// Fifty random selections: the table of the page is the table of `spikeflame top`.
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
];
const PATTERNS = ['', '', '', 'node_modules', 'node:', 'Builtin', 'transform|crypt', '[a-f]{3}'];

/** A selection, as flags and as a fragment. */
function selection(length) {
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
  choose('by', '--group-by', [[''], [''], ['file', 'file'], ['package', 'package'], ['category', 'category']]);
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

for (const [input, length, times] of INPUTS) {
  test(`${input}: ${times} selections`, { skip }, async () => {
    const path = report(input);
    const page = await open(path);
    for (let round = 0; round < times; round++) {
      const { flags, fragment } = selection(length);
      await page.evaluate((hash) => (location.hash = hash), `${fragment}&round=${round}`);
      await drawn(page);
      assert.deepEqual(await rows(page), expected(input, flags), `${flags.join(' ')} (#${fragment})`);
    }
    assert.deepEqual(page.trouble, []);
  });
}
