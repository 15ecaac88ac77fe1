// Names that try to be markup, in every place that shows one.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { close, drawn, open, report, root, rows, scratch, skip } from './browser.mjs';

after(close);

const NAMES = [
  '<img src=x onerror=alert(1)>',
  '</script><script>alert(1)</script>',
  '"><svg onload=alert(1)>',
  "'-alert(1)-'",
  '${alert(1)}',
  'javascript:alert(1)',
  '<!-- <script>',
  ']]>',
  '__proto__',
  'constructor',
];

function written(name, text) {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
}

test('hostile names run nothing, load nothing, and are shown as they are', { skip }, async () => {
  const lines = NAMES.map((name, at) => `main /srv/app/${name}.js:1:1;${name} /srv/node_modules/${name}/i.js:2:3 ${at + 5}`);
  const path = report(written('names.folded', `${lines.join('\n')}\n`), '--title', NAMES[0]);
  const page = await open(path, { fragment: `q=${encodeURIComponent(NAMES[0])}&filter=&fn=${encodeURIComponent(NAMES[1])}` });
  const shown = (await rows(page)).map(([label]) => label);
  for (const name of NAMES) {
    assert.ok(shown.some((label) => label.startsWith(`${name} `)), name);
  }
  const texts = await page.$$eval('#table tbody button.link', (links) => links.map((link) => link.textContent));
  for (const name of NAMES) assert.ok(texts.includes(name), name);
  for (const view of ['sandwich', 'time', 'calls']) {
    await page.click(`.flame [data-value=${view}]`);
    await drawn(page);
  }
  for (const by of ['file', 'package', 'category']) {
    await page.click(`#table [data-value=${by}]`);
    await drawn(page);
  }
  await page.click('#table tbody tr', { button: 'right' });
  assert.equal(await page.title(), NAMES[0]);
  assert.equal(await page.textContent('h1'), NAMES[0]);
  assert.equal(await page.locator('img, svg, iframe, object').count(), 0);
  assert.deepEqual(page.trouble, []);
});

test('hostile messages of a log, and its errors by window', { skip }, async () => {
  const log = NAMES.map((name, at) =>
    `[Nest] 1  - 11/23/2026, 1:24:${String(10 + at)} AM   ERROR [ExceptionsHandler] ${name}\nError: ${name}\n` +
    `    at handle (/srv/app/src/main.js:10:5)\n`).join('');
  const page = await open(report(written('app.log', log)));
  const text = await page.textContent('#errors');
  // The reader writes numbers within messages as <n>.
  for (const name of NAMES.slice(0, 3)) assert.ok(text.includes(name.replace('(1)', '(<n>)')), name);
  // The samples of a log are its errors, and no time on the CPU.
  assert.match(await page.textContent('.timeline'), /Errors.*Errors in time/s);
  assert.doesNotMatch(await page.textContent('.timeline'), /CPU|Main thread|garbage/);
  assert.deepEqual(page.trouble, []);
});

test('hostile messages of the log beside a recording', { skip }, async () => {
  const folder = join(scratch, 'run');
  mkdirSync(folder);
  for (const file of ['isolate-v8.log.zst', 'k6.csv.gz']) copyFileSync(join(root, 'samples/spike/before-1', file), join(folder, file));
  const log = NAMES.map((name, at) => `${JSON.stringify({ level: 50, time: Date.UTC(2026, 10, 23, 1, 25, at), msg: name,
    err: { type: 'Error', message: name, stack: `Error: ${name}\n    at ${name} (/srv/app/${name}.js:10:5)` } })}\n`).join('');
  writeFileSync(join(folder, 'app.log'), log);
  const page = await open(report(folder));
  const text = await page.textContent('#errors');
  for (const name of NAMES.slice(0, 3)) assert.ok(text.includes(name.replace('(1)', '(<n>)')), name);
  assert.match(await page.textContent('.timeline'), /logged by the application/);
  // A window before all of them has none.
  await page.evaluate(() => (location.hash = 'w=0-1000000us'));
  await page.waitForFunction(() => /logged no error in this window/.test(document.querySelector('#errors').textContent));
  assert.deepEqual(page.trouble, []);
});

test('names of a megabyte are cut, and the page stays small', { skip }, async () => {
  const long = 'x'.repeat(1 << 20);
  const path = report(written('long.folded', `${long}a;b 3\n${long}b;b 4\n`));
  const page = await open(path);
  const shown = await rows(page);
  assert.equal(shown.length, 3);
  assert.deepEqual(shown[0].slice(1), [7, 7]);
  assert.ok(statSync(path).size < 250_000, `${statSync(path).size} bytes`);
  assert.deepEqual(page.trouble, []);
});

test('hostile names of a comparison, its gates and its runs', { skip }, async () => {
  const lines = (more) => NAMES.map((name, at) => `main;${name} /srv/app/${name}.js:1:1 ${500 + more * at}`).join('\n') + '\n';
  const name = 'img src=x onerror=alert(1) .folded';
  const path = report(written(`b ${name}`, lines(400)), '--before', written(`a ${name}`, lines(0)), '--fail-on', `self:${NAMES[0]}>1%`);
  const page = await open(path);
  assert.match(await page.textContent('#comparison .gates'), /<img src=x onerror=alert\(1\)>/);
  assert.match(await page.textContent('#run'), /img src=x onerror/);
  for (const view of ['change', 'sandwich', 'calls']) {
    await page.click(`.flame [data-value=${view}]`);
    await drawn(page);
  }
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('img, svg, iframe, object').count(), 0);
  assert.deepEqual(page.trouble, []);
});

test('hostile addresses open no editor', { skip }, async () => {
  const files = ['javascript:alert(1)//', '//host/share.js', '/srv/"><img src=x>\u0007.js', '/srv/a b#c?d.js', 'C:\\srv\\a.js'];
  const text = files.map((file, at) => `f${at} ${file}:7:3 ${10 - at}`).join('\n');
  const page = await open(report(written('files.folded', `${text}\n`)));
  for (let at = 0; at < files.length; at++) {
    await page.click(`#table tbody button.link >> text=/^f${at}$/`);
    await drawn(page);
    const link = page.locator('.facts a.editor');
    const href = (await link.count()) ? await link.getAttribute('href') : '';
    assert.match(href, /^(vscode:\/\/file\/[\w:./%-]+)?$/, `${files[at]}: ${href}`);
  }
  assert.deepEqual(page.trouble, []);
});
