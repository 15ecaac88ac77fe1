// Recordings without load, without times, with one sample, with many threads.
import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { close, drawn, open, report, root, rows, scratch, skip, spikeflame, status } from './browser.mjs';

after(close);

test('without a load test the page says how to get one', { skip }, async () => {
  const page = await open(report('v8/mix-node22.log.zst'));
  assert.match(await page.textContent('.answer'), /No load test.*k6 run/s);
  assert.match(await status(page), /100\.0 % of the run/);
  assert.deepEqual(page.trouble, []);
});

test('without times the page says so, and shows the rest', { skip }, async () => {
  const page = await open(report('maps/esbuild-node22.folded.zst'));
  assert.match(await page.textContent('.timeline'), /carry no times/);
  assert.ok((await rows(page)).length > 10);
  await page.click('.flame [data-value=time]');
  await drawn(page);
  assert.match(await page.textContent('.flame'), /carry no times/);
  assert.deepEqual(page.trouble, []);
});

test('one sample is a page', { skip }, async () => {
  const path = join(scratch, 'one.folded');
  writeFileSync(path, 'main;work 1\n');
  const page = await open(report(path));
  assert.deepEqual(await rows(page), [['work', 1, 1], ['main', 0, 1]]);
  assert.match(await page.textContent('.about'), / 1 sample$/);
  assert.ok(!(await page.locator('#from').isVisible()), 'no times can be typed where there are none');
  // Names alone have no owner, and the page does not claim to know one.
  assert.match(await page.textContent('.answer'), /not known which functions are your own.*not known which functions are of npm packages/s);
  assert.match(await page.textContent('#own'), /not known which functions are your own/);
  assert.deepEqual(page.trouble, []);
});

test('one sample with a time is no chart', { skip }, async () => {
  const nodes = [{ id: 1, callFrame: { functionName: '(root)', scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 }, children: [2] },
    { id: 2, callFrame: { functionName: 'work', scriptId: '1', url: '/srv/a.js', lineNumber: 1, columnNumber: 1 } }];
  const path = join(scratch, 'one.cpuprofile');
  writeFileSync(path, JSON.stringify({ nodes, samples: [2], timeDeltas: [10_000], startTime: 0, endTime: 10_000 }));
  const page = await open(report(path));
  assert.match(await page.textContent('.timeline'), /has one sample: there is nothing to draw over time/);
  assert.equal(await page.locator('.chart canvas').count(), 0);
  assert.match(await page.textContent('#own'), /work/);
  assert.deepEqual(page.trouble, []);
});

test('a side whose CPU is counted otherwise has no line on the axis of the other', { skip }, async () => {
  const nodes = [{ id: 1, callFrame: { functionName: '(root)', scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 }, children: [2] },
    { id: 2, callFrame: { functionName: 'work', scriptId: '1', url: '/srv/a.js', lineNumber: 1, columnNumber: 1 } }];
  const path = join(scratch, 'other.cpuprofile');
  writeFileSync(path, JSON.stringify({ nodes, samples: [2, 2, 2, 2, 2], timeDeltas: [1000, 1000, 1000, 1000, 1000], startTime: 0, endTime: 5000 }));
  const page = await open(report('spike/after-1', '--before', path));
  const lines = await page.$$eval('.chart .u-label', (all) => all.map((label) => label.textContent));
  assert.ok(lines.includes('share of the time running'), lines.join());
  assert.ok(!lines.some((line) => /samples a second/.test(line)), lines.join());
  assert.deepEqual(page.trouble, []);
});

test('a recording of nanoseconds has times that people read, and the exact ones beside them', { skip }, async () => {
  // Native frames have names where the binaries of the recording are on this machine.
  const hot = JSON.parse(spikeflame('top', '-q', join(root, 'samples/perf/plain.data.zst'), '--format', 'json')).functions[0];
  const self = `${(hot.self / 1e6).toPrecision(3)} ms`;
  const selfExact = `${hot.self.toLocaleString('en')} nanoseconds`;
  const page = await open(report('perf/plain.data.zst'), { fragment: `fn=${encodeURIComponent(hot.label)}` });
  const exact = /^190,380,760 nanoseconds$/;
  assert.match(await page.textContent('.about'), / · 190 ms in samples · /);
  assert.match(await page.getAttribute('.about', 'title'), exact);
  assert.match(await status(page), /, 190 ms in samples, 100\.0 % of the run/);
  assert.match(await page.getAttribute('#window-status', 'title'), exact);
  assert.ok((await page.textContent('#table tbody tr')).startsWith(self));
  assert.equal(await page.getAttribute('#table tbody td', 'title'), selfExact);
  assert.ok((await page.textContent('.facts')).includes(`self${self} · ${(100 * hot.self_share).toFixed(1)} %`));
  assert.equal(await page.getAttribute('.facts dd[title]', 'title'), selfExact);
  await page.click('.threads summary');
  assert.doesNotMatch(await page.evaluate(() => document.querySelector('main').innerText), /\d,\d{3},\d{3}/);
  assert.deepEqual(page.trouble, []);
});

test('a tick log has ticks, and no samples', { skip }, async () => {
  const page = await open(report('spike/before-1'));
  await page.click('#table-title button');
  await page.click('#flame-title button');
  const text = await page.evaluate(() => document.body.innerText);
  assert.match(text, /ticks in it, or in packages/);
  // The words for the share of a core are those of every recording.
  assert.doesNotMatch(text.replace(/.*warning.*|by its samples/gi, ''), /samples?\b/i);
  assert.deepEqual(page.trouble, []);
});

test('idle samples do not count for the size of a thread', { skip }, async () => {
  const path = join(scratch, 'idle.speedscope.json');
  const profile = (name, idle) => ({
    type: 'sampled', name, unit: 'none', startValue: 0, endValue: 100,
    samples: Array.from({ length: 100 }, (_, at) => [at < idle ? 1 : 0]), weights: Array(100).fill(1),
  });
  writeFileSync(path, JSON.stringify({
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    shared: { frames: [{ name: 'work' }, { name: '(idle)' }] }, profiles: [profile('waits', 90), profile('works', 10)],
  }));
  const page = await open(report(path));
  await page.click('.threads summary');
  const list = () => page.$$eval('.threads li', (items) => items.map((item) => item.textContent.trim()));
  assert.deepEqual(await list(), ['works 90 samples · 90.0 %', 'waits 10 samples · 10.0 %']);
  assert.deepEqual(page.trouble, []);
});

test('two hundred threads can be chosen from', { skip }, async () => {
  const frames = [{ name: 'work' }];
  const profiles = Array.from({ length: 200 }, (_, at) => ({
    type: 'sampled', name: `thread ${at}`, unit: 'milliseconds', startValue: 0, endValue: at + 1,
    samples: Array.from({ length: at + 1 }, () => [0]), weights: Array.from({ length: at + 1 }, () => 1),
  }));
  const path = join(scratch, 'threads.speedscope.json');
  writeFileSync(path, JSON.stringify({
    $schema: 'https://www.speedscope.app/file-format-schema.json', shared: { frames }, profiles,
  }));
  const page = await open(report(path));
  assert.match(await page.textContent('.threads summary'), /^Threads: 200 of 200$/);
  await page.click('.threads summary');
  await page.click('.threads >> text=Main only');
  await drawn(page);
  assert.match(await page.textContent('.threads summary'), /^Threads: 1 of 200$/);
  assert.equal((await rows(page))[0][1], 200_000_000);
  assert.deepEqual(page.trouble, []);
});

test('half an hour is a page: its axis, its heat map and its size stay within bounds', { skip }, async () => {
  const nodes = [{ id: 1, callFrame: { functionName: '(root)', scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 }, children: [2, 3] },
    { id: 2, callFrame: { functionName: 'work', scriptId: '1', url: '/srv/a.js', lineNumber: 1, columnNumber: 1 } },
    { id: 3, callFrame: { functionName: '(idle)', scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 } }];
  const samples = Array.from({ length: 180_000 }, (_, at) => (at % 3 ? 2 : 3));
  const path = join(scratch, 'long.cpuprofile');
  writeFileSync(path, JSON.stringify({
    nodes, samples, timeDeltas: samples.map(() => 10_000), startTime: 0, endTime: 1_800_000_000,
  }));
  const page = await open(report(path));
  assert.match(await status(page), /^0 s to 30:00, 1800\.0 s/);
  assert.ok((await rows(page))[0][1] >= 119_000);
  assert.ok(statSync(page.path).size < 1_000_000, `${statSync(page.path).size} bytes`);
  assert.ok(await page.isVisible('canvas.heat'));
  assert.deepEqual(page.trouble, []);
});

// The error was: on a phone the place of an error stood outside the screen, and its name was in seven lines.
test('on a phone an error has a line for its name, and one for its place', { skip }, async () => {
  const log = '[Nest] 1  - 11/23/2026, 1:24:10 AM   ERROR [ExceptionsHandler] Cannot charge the card of the customer\n' +
    'Error: Cannot charge the card of the customer\n    at chargeCustomerCard (/srv/app/src/billing.js:10:5)\n';
  const path = join(scratch, 'phone.log');
  writeFileSync(path, log);
  const page = await open(report(path), { viewport: { width: 390, height: 844 } });
  const wide = await page.evaluate(() => document.querySelector('.logged').scrollWidth - document.querySelector('.logged').parentElement.clientWidth);
  assert.ok(wide <= 1, `${wide} pixels`);
  const box = async (cell) => page.locator(`.logged ${cell}`).first().boundingBox();
  const [name, place] = [await box('td.name'), await box('td.place')];
  assert.ok(place.y >= name.y + name.height - 1, JSON.stringify([name, place]));
});
