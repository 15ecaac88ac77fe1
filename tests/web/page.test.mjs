// The page in a browser: what a reader does, and what is shown then.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { axe, close, drawn, open, report, rows, scratch, skip, spikeflame, status } from './browser.mjs';

let spike;
let compared = '';
/** The page of both sides, written once. */
const sides = () => (compared ||= report('spike/after-1', 'spike/after-2', '--before', 'spike/before-1', '--before', 'spike/before-2',
  '--fail-on', 'total>5%', '--fail-on', 'self:_encipher>1ms'));
before(() => {
  if (!skip) spike = report('spike/before-1');
});
after(close);

const sane = (page) => assert.deepEqual(page.trouble, []);

/** Drags on the first chart, in shares of its width. */
async function drag(page, from, to) {
  await page.locator('.u-over').first().scrollIntoViewIfNeeded();
  const box = await page.locator('.u-over').first().boundingBox();
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * from, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * ((from + to) / 2), y);
  await page.mouse.move(box.x + box.width * to, y);
  await page.mouse.up();
  await drawn(page);
}

/** Presses Tab until an element has the focus, as a reader without a mouse does. */
async function tabTo(page, selector, key = 'Tab') {
  for (let pressed = 0; pressed < 60; pressed++) {
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return;
    await page.keyboard.press(key);
  }
  assert.fail(`${selector} is not reached by ${key}`);
}

test('it opens with the plateau, its answer and its figures', { skip }, async () => {
  const page = await open(spike, { before: () => {
    // The charts come to the screen before the flame graph is made.
    new MutationObserver((_, observer) => {
      if (document.documentElement?.dataset.charted !== 'true') return;
      observer.disconnect();
      const text = (selector) => document.querySelector(selector).textContent;
      window.atCharts = [document.querySelectorAll('.chart canvas').length, text('.legend'), text('#window-status')];
    }).observe(document, { subtree: true, attributes: true });
  } });
  assert.deepEqual(await page.evaluate(() => window.atCharts), [3, '', await status(page)]);
  assert.match(await page.textContent('.answer'), /knee seen.*hashPassword.*mysql2/s);
  // Seconds of the load test and of the recording differ, so each has its clock.
  assert.match(await status(page), /^11 s to 72 s of the load test \(12\.3 s to 73\.3 s of the recording\), 61\.0 s, 39,142 ticks, 86\.2 % of the run · plateau/);
  assert.match(await page.textContent('#time h2'), /in seconds of the load test; second 0 of the load test is 1\.3 s after the start of the recording/);
  assert.match(await page.textContent('footer'), /--from 12\.\d+s --to 73\.\d+s \(--from and --to are seconds of the recording/);
  const [first] = await rows(page);
  assert.deepEqual(first, ['write', 6545, 6545]);
  assert.equal(await page.locator('.chart canvas').count(), 3);
  // The legend shows which lines are dashed: colours alone do not tell them apart for everyone.
  const marks = await page.$$eval('.chart .u-marker', (all) => all.slice(1, 3).map((mark) => {
    const { borderTopStyle, borderTopWidth, borderLeftWidth, height, width } = getComputedStyle(mark);
    return [borderTopStyle, borderTopWidth, borderLeftWidth, height, width];
  }));
  // A mark is a piece of the line: a small box with a dashed border looks like one with a solid one.
  assert.deepEqual(marks, ['dashed', 'solid'].map((style) => [style, '2px', '0px', '2px', '22px']));
  assert.match(await page.textContent('.legend'), /dependencies.*own code/s);
  sane(page);
});

test('a drag is a window: status, table, graph and address follow', { skip }, async () => {
  const page = await open(spike);
  await drag(page, 0.5, 0.6);
  assert.match(await status(page), /^\d+(\.\d+)? s to \d+(\.\d+)? s of the load test \(.*\), 7\.\d s, [\d,]+ ticks/);
  assert.notEqual((await rows(page))[0][1], 6545);
  await page.waitForFunction(() => /w=\d+-\d+us/.test(location.hash));
  await page.click('[data-id=whole]');
  await drawn(page);
  assert.match(await status(page), /45,402 ticks, 100\.0 % of the run/);
  sane(page);
});

test('a typed window that is none is refused with the reason, and the shown one stays', { skip }, async () => {
  const page = await open(spike);
  const first = await status(page);
  // Both at once: a reader who leaves the first field has chosen a window with the old second one.
  const type = async (from, to) => {
    await page.evaluate((values) => {
      for (const [id, value] of values) document.getElementById(id).value = value;
      for (const kind of ['input', 'change']) document.getElementById('to').dispatchEvent(new Event(kind));
    }, [['from', from], ['to', to]]);
    await drawn(page);
  };
  for (const [from, to, why] of [['40', '30', /ends at 30 s, before it begins at 40 s/], ['30', '30', /no time in it/],
    ['', '30', /two times/], ['90', '95', /Nothing was recorded from 90 s to 95 s: the recording goes from -1\.3 s to 73/]]) {
    await type(from, to);
    assert.match(await page.textContent('#window-trouble'), why);
    assert.ok(await page.isVisible('#window-trouble'));
    assert.equal(await page.getAttribute('#to', 'aria-invalid'), 'true');
    assert.equal(await page.inputValue('#to'), to, 'what was typed stays to be corrected');
    assert.equal(await status(page), first);
  }
  // The reason is of what was typed before.
  await page.fill('#to', '9');
  assert.ok(!(await page.isVisible('#window-trouble')));
  await type('30', '900');
  assert.ok(!(await page.isVisible('#window-trouble')));
  assert.match(await status(page), /^30 s to 73\.\d+ s of the load test/);
  // An address can ask for a window that is none, too.
  await page.evaluate(() => (location.hash = 'w=plateau-7'));
  await page.waitForFunction(() => /no window “plateau-7”/.test(document.getElementById('window-trouble').textContent));
  await page.evaluate(() => (location.hash = 'w=90000000-95000000us'));
  await page.waitForFunction(() => /Nothing was recorded in this window/.test(document.getElementById('window-trouble').textContent));
  await page.click('[data-id=plateau]');
  await drawn(page);
  assert.ok(!(await page.isVisible('#window-trouble')));
  assert.equal(await status(page), first);
  sane(page);
});

test('the functions of own code with what they call follow the window', { skip }, async () => {
  const page = await open(spike);
  const own = () => page.$$eval('#own tbody tr', (shown) => shown.map((row) => [...row.cells].map((cell) => cell.textContent)));
  const { length, 0: first } = await own();
  assert.equal(length, 5);
  // The answer at the top is of the window that the page shows first.
  assert.deepEqual(first, ['5,667 14.5 %', '0 0.0 %', 'hashPasswordmembers/members.service.js:67']);
  assert.match(await page.textContent('.answer'), /14\.5 %hashPassword/);
  await drag(page, 0.1, 0.2);
  assert.notDeepEqual((await own())[0], first);
  await page.click('#own tbody button');
  await page.waitForFunction(() => /view=sandwich/.test(location.hash));
  sane(page);
});

test('the address restores what was chosen', { skip }, async () => {
  const first = await open(spike);
  await drag(first, 0.3, 0.7);
  await first.fill('#search', 'typeorm');
  await first.click('#table [data-value=package]');
  await first.click('text=By category >> xpath=.. >> text=tier');
  await first.waitForFunction(() => location.hash.includes('color=tier') && location.hash.includes('q=typeorm'));
  const fragment = new URL(first.url()).hash.slice(1);
  const again = await open(spike, { fragment });
  assert.equal(await status(again), await status(first));
  assert.equal(await again.inputValue('#search'), 'typeorm');
  assert.equal(await again.textContent('.matches'), await first.textContent('.matches'));
  assert.deepEqual(await rows(again), await rows(first));
  assert.match(await again.textContent('.legend'), /optimized/);
  sane(again);
});

test('the search is live, says its share, and says when nothing matches', { skip }, async () => {
  const page = await open(spike);
  await page.keyboard.press('/');
  await page.keyboard.type('_encipher');
  await drawn(page);
  assert.match(await page.textContent('.matches'), /^13\.8 % in 1 match$/);
  await page.fill('#search', 'no such thing');
  await drawn(page);
  assert.equal(await page.textContent('.matches'), 'nothing matches');
  await page.fill('#search', '(');
  await drawn(page);
  assert.match(await page.textContent('.matches'), /^not a regular expression/);
  sane(page);
});

test('a click zooms, the way back is there, and a sandwich shows both sides', { skip }, async () => {
  const page = await open(spike);
  const back = page.locator('button.back');
  assert.ok(await back.isDisabled());
  await page.click('#table tbody button.link >> text=_encipher');
  await drawn(page);
  assert.match(await page.textContent('.facts'), /_encipher.*self.*5,419 ticks · 13\.8 %/s);
  await page.click('.flame [data-value=sandwich]');
  await drawn(page);
  assert.ok(await page.isVisible('.pane.callers canvas'));
  await page.keyboard.press('Escape');
  await drawn(page);
  assert.ok(!(await page.isVisible('.pane.callers')));
  const canvas = page.locator('.pane:not(.callers) canvas');
  const box = await canvas.boundingBox();
  await page.mouse.click(box.x + box.width * 0.5, box.y + 50);
  await drawn(page);
  assert.ok(await back.isEnabled());
  await back.click();
  await drawn(page);
  assert.ok(await back.isDisabled());
  sane(page);
});

test('the wheel zooms at the pointer, a drag of the graph pans, and no label is cut to less than three letters', { skip }, async () => {
  const page = await open(spike, {
    before: () => {
      window.labels = [];
      const { fillText } = CanvasRenderingContext2D.prototype;
      CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
        if (this.canvas.closest('.pane')) window.labels.push(text);
        return fillText.call(this, text, ...place);
      };
    },
  });
  const canvas = page.locator('.pane:not(.callers) canvas');
  await canvas.scrollIntoViewIfNeeded();
  const box = await canvas.boundingBox();
  const y = box.y + 3 * 20 + 10;
  const named = async (x) => {
    await page.mouse.move(x, y);
    return page.evaluate(() => {
      const tooltip = document.querySelector('.tooltip');
      return tooltip.hidden ? '' : tooltip.querySelector('strong').textContent;
    });
  };
  // The places along one row at which the tooltip names the same function as in the middle.
  const middle = box.x + box.width / 2;
  const places = [];
  for (let step = -12; step <= 12; step++) places.push(middle + (step * box.width) / 26);
  const widthOf = async (name) => {
    let found = 0;
    for (const x of places) found += (await named(x)) === name ? 1 : 0;
    return found;
  };
  const name = await named(middle);
  assert.notEqual(name, '');
  const narrow = await widthOf(name);
  assert.ok(narrow > 0 && narrow < places.length, `${name} is ${narrow} places wide`);
  const zoomed = (is) => page.waitForFunction((to) => document.querySelector('button.back').disabled !== to, is);
  await page.mouse.move(middle, y);
  await page.mouse.wheel(0, -200);
  await zoomed(true);
  await drawn(page);
  assert.equal(await named(middle), name, 'the function under the pointer stays there');
  assert.ok((await widthOf(name)) > narrow, 'it is wider');
  await page.mouse.move(middle, y);
  await page.mouse.down();
  await page.mouse.move(middle - 60, y);
  await page.mouse.move(middle - 120, y);
  await page.mouse.up();
  await drawn(page);
  assert.equal(await named(middle - 120), name, 'it came along');
  assert.equal(await page.locator('.chip').count(), 0, 'a drag picks nothing');
  await page.mouse.wheel(0, 600);
  await zoomed(false);
  await page.mouse.wheel(0, 100);
  // The whole is on the screen, so the wheel scrolls on.
  await page.waitForFunction(() => document.querySelector('.pane:not(.callers)').scrollTop > 0);
  const cut = (await page.evaluate(() => window.labels)).filter((label) => label.endsWith('…'));
  assert.ok(cut.length > 20, `${cut.length} labels are cut`);
  assert.deepEqual(cut.filter((label) => label.length < 4), []);
  sane(page);
});

test('a menu hides, focuses and copies', { skip }, async () => {
  const page = await open(spike);
  await page.click('#table tbody tr:nth-child(2)', { button: 'right' });
  assert.match(await page.textContent('.menu'), /_encipher.*Sandwich.*Focus.*Hide.*Copy name.*Copy file:line/s);
  await page.click('.menu >> text=Focus');
  await drawn(page);
  assert.match(await page.textContent('#table .note'), /^5,\d+ ticks .*not through the focus/);
  await page.click('.chip button');
  await page.click('#table tbody tr:nth-child(2)', { button: 'right' });
  await page.keyboard.press('h');
  await drawn(page);
  assert.ok(!(await rows(page)).some(([label]) => label.startsWith('_encipher ')));
  sane(page);
});

test('tiers split, inlined functions fold, categories can be taken out', { skip }, async () => {
  const page = await open(spike);
  await page.click('.flame [data-value=split]');
  await drawn(page);
  assert.ok((await rows(page)).some(([label]) => label.startsWith('*_encipher ')));
  await page.click('.flame [data-value=merged]');
  const inlined = (await rows(page)).length;
  await page.click('.flame [data-value=folded]');
  await drawn(page);
  assert.ok((await rows(page)).length < inlined);
  await page.click('.switches >> text=native');
  await drawn(page);
  const after = await rows(page);
  assert.ok(!after.some(([label]) => label === 'write'));
  assert.equal(after.reduce((sum, [, self]) => sum + self, 0), 39142);
  sane(page);
});

test('the table sorts, filters and groups', { skip }, async () => {
  const page = await open(spike);
  await page.click('#table th >> text=Total');
  await drawn(page);
  const totals = (await rows(page)).map(([, , total]) => total);
  assert.deepEqual(totals, [...totals].sort((a, b) => b - a));
  assert.equal(await page.getAttribute('#table th:nth-child(2)', 'aria-sort'), 'descending');
  await page.fill('#table input', 'bcrypt');
  await drawn(page);
  assert.ok((await rows(page)).every(([label]) => label.includes('bcrypt')));
  await page.fill('#table input', '');
  await page.click('#table [data-value=category]');
  await drawn(page);
  assert.ok((await rows(page)).length <= 12);
  sane(page);
});

test('the keyboard does everything', { skip }, async () => {
  const page = await open(spike);
  await page.keyboard.press('w');
  await drawn(page);
  assert.match(await status(page), /100\.0 % of the run/);
  await page.keyboard.press('p');
  await page.keyboard.press('n');
  await drawn(page);
  assert.match(await page.textContent('.facts'), /^write/);
  await page.keyboard.press('n');
  await drawn(page);
  assert.match(await page.textContent('.facts'), /^_encipher/);
  await page.keyboard.press('s');
  await drawn(page);
  assert.ok(await page.isVisible('.pane.callers'));
  await page.keyboard.press('Escape');
  await tabTo(page, '.pane:not(.callers) canvas');
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await drawn(page);
  assert.match(await page.textContent('.facts'), /total.*% of the window/s);
  await page.keyboard.press('m');
  assert.ok(await page.isVisible('.menu'));
  await page.keyboard.press('Escape');
  assert.ok(!(await page.isVisible('.menu')));
  await tabTo(page, '.timeline', 'Shift+Tab');
  const before = await status(page);
  await page.keyboard.press('ArrowRight');
  await drawn(page);
  assert.notEqual(await status(page), before);
  await page.keyboard.press('?');
  assert.ok(await page.isVisible('dialog'));
  sane(page);
});

test('light and dark, by the system and by choice', { skip }, async () => {
  const color = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await open(spike, { colorScheme: 'dark' });
  const light = await open(spike, { colorScheme: 'light' });
  assert.notEqual(await color(dark), await color(light));
  const night = await color(dark);
  await light.keyboard.press('d');
  assert.equal(await color(light), night);
  sane(light);
});

test('axe finds no violation of WCAG AA, in light and dark and on a phone', { skip }, async () => {
  const source = readFileSync(axe(), 'utf8');
  const phone = { viewport: { width: 390, height: 844 } };
  for (const [path, options] of [[spike, {}], [spike, { colorScheme: 'dark' }], [spike, phone], [sides(), { fragment: 'view=change' }]]) {
    const page = await open(path, options);
    await page.evaluate(source);
    const { violations } = await page.evaluate(() =>
      window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }));
    const found = violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`);
    assert.deepEqual(found, []);
  }
});

test('on a phone nothing is wider than the screen', { skip }, async () => {
  for (const file of [spike, sides()]) {
    const page = await open(file, { viewport: { width: 390, height: 844 } });
    for (const width of [390, 320]) {
      await page.setViewportSize({ width, height: 844 });
      await drawn(page);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width, `${file} at ${width} pixels`);
    }
    sane(page);
  }
});

test('at usual widths each table fits, and no number is in two lines', { skip }, async () => {
  const page = await open(sides());
  await page.evaluate(() => document.querySelectorAll('#comparison details').forEach((part) => (part.open = true)));
  for (const width of [320, 360, 650, 700, 768, 1280, 1920]) {
    await page.setViewportSize({ width, height: 900 });
    await drawn(page);
    const found = await page.evaluate(() => {
      const tables = [...document.querySelectorAll('.scroll')];
      const wide = tables.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.getAttribute('aria-label'));
      const tall = [...document.querySelectorAll('.causes td.number, .waterfall .number')]
        .filter((one) => one.offsetParent && one.textContent !== '')
        .filter((one) => {
          const range = document.createRange();
          range.selectNodeContents(one);
          return range.getBoundingClientRect().height > 30;
        });
      return [tables.length, wide, tall.map((one) => one.textContent)];
    });
    assert.deepEqual(found, [4, [], []], `${width} pixels`);
  }
  sane(page);
});

test('before and after: both timelines, causes, waterfall, one graph', { skip }, async () => {
  const page = await open(sides());
  assert.match(await page.textContent('#comparison .gates'), /total>5 % is not crossed.*self:_encipher>1 ms is not crossed/s);
  assert.match(await page.textContent('#comparison'), /Before and after.*evidence.*What changed.*_encipher.*Waterfall/s);
  // The error was: the column was named "−100 % to +100 %", and a cost that had doubled was drawn in the middle of it.
  assert.match(await page.textContent('#comparison table thead'), /Interval, from gone to new/);
  // The largest cause has no cost of its own: it changed by what it calls.
  const causes = await page.$$eval('#comparison > div table', ([first]) => [...first.tBodies[0].rows].map((row) => row.innerText));
  assert.match(causes[0], /hashPassword[^]*\btotal\b/);
  assert.match(causes.join('\n'), /transform[^]*\bself\b/);
  const { functions } = JSON.parse(spikeflame('diff', '-q', '--before', 'spike/before-1', 'spike/before-2',
    '--after', 'spike/after-1', 'spike/after-2', '--window', 'plateau', '--format', 'json'));
  const changed = functions.filter((row) => [row.self, row.total].some((cost) => cost.verdict === 'changed'));
  const explained = changed.filter((row) => row.explained_by).length;
  assert.match(await page.textContent('#comparison'), new RegExp(`${explained} rows that changed because of these`));
  assert.equal(await page.locator('#run option').count(), 4);
  await page.click('#comparison >> text=Both sides in one flame graph');
  await drawn(page);
  assert.match(await page.textContent('.legend'), /less after.*more after/s);
  // The costs are of the plateau. In another window the graph has shares, and says so.
  assert.match(await page.textContent('.flame'), /All 4 runs together\. In per cent of the cost before, in the plateau of each/);
  await page.click('[data-id=load]');
  await drawn(page);
  assert.match(await page.textContent('.flame'), /In this window: per cent of the samples of each side\. The costs of the comparison are of the plateau of each only/);
  // The facts of a function and the share of a search are of both sides, as the graph is.
  await page.click('#comparison .causes button.link >> text=hashPassword');
  await page.fill('#search', 'bcrypt');
  await drawn(page);
  assert.match(await page.textContent('.facts'), /self, before → after.*total, before → after\d+\.\d % → .*Of all runs of each side/s);
  assert.match(await page.textContent('.matches'), /^\d+\.\d % before, \d+\.\d+ % after, in \d+ matches$/);
  await page.click('.flame [data-value=calls]');
  await drawn(page);
  assert.match(await page.textContent('.facts'), /runafter-1/);
  assert.match(await page.textContent('.flame'), /Of after-1 alone/);
  await page.selectOption('#run', '2');
  await page.waitForFunction(() => /run=2/.test(location.hash));
  await page.waitForFunction(() => /top spike\/before-1 --from/.test(document.querySelector('.command').textContent));
  // The answers at the top are of one run, and name it.
  assert.match(await page.textContent('.answer'), /comparison is of all 4 runs.*answers below are of after-1 alone.*Plateau of after-1.*of the plateau of after-1/s);
  sane(page);
});

/** Waits until the search box, the view and the window are those wanted. */
async function shows(page, wanted) {
  await page.waitForFunction(({ search, view, window, by }) =>
    document.getElementById('search').value === search &&
    document.querySelector(`.flame [data-value=${view}]`).ariaPressed === 'true' &&
    document.querySelector(`#table [data-value=${by}]`).ariaPressed === 'true' &&
    (document.querySelector('.window-bar [data-id][aria-pressed=true]')?.dataset.id ?? 'dragged') === window,
  { search: '', view: 'calls', by: 'function', window: 'plateau', ...wanted });
}

test('Back undoes a choice and Forward does it again: window, rows, view, search, a drag, a run', { skip }, async () => {
  const page = await open(spike);
  const steps = [
    [{ window: 'whole' }, () => page.click('[data-id=whole]')],
    [{ by: 'package' }, () => page.click('#table [data-value=package]')],
    [{ by: 'function', view: 'sandwich' }, () => page.click('.answer button[data-label]')],
    // What is typed is one choice.
    [{ search: 'typeorm' }, async () => {
      await page.focus('#search');
      await page.keyboard.type('typeorm');
      await page.waitForFunction(() => location.hash.includes('q=typeorm'));
    }],
    [{ view: 'calls' }, () => page.click('.flame [data-value=calls]')],
    [{ window: 'dragged' }, () => drag(page, 0.5, 0.6)],
  ];
  const states = [{}];
  const entries = await page.evaluate(() => history.length);
  await shows(page, {});
  for (const [change, choose] of steps) {
    states.push({ ...states.at(-1), ...change });
    await choose();
    await shows(page, states.at(-1));
  }
  assert.equal(await page.evaluate(() => history.length), entries + steps.length);
  // A choice that is made already is no entry.
  await page.click('.flame [data-value=calls]');
  assert.equal(await page.evaluate(() => history.length), entries + steps.length);
  const window = await status(page);
  for (const state of states.slice(0, -1).reverse()) {
    await page.evaluate(() => history.back());
    await shows(page, state);
  }
  assert.equal(await page.evaluate(() => location.hash), '');
  for (const state of states.slice(1)) {
    await page.evaluate(() => history.forward());
    await shows(page, state);
  }
  assert.equal(await status(page), window);
  // Ten seconds by the arrow keys are one choice.
  const before = await page.evaluate(() => history.length);
  await page.focus('.timeline');
  for (let key = 0; key < 10; key++) await page.keyboard.press('ArrowLeft');
  assert.equal(await page.evaluate(() => history.length), before + 1);
  await page.evaluate(() => history.back());
  await page.waitForFunction((text) => document.getElementById('window-status').textContent === text, window);
  sane(page);
});

test('Back returns to the run of before, and the list of runs names it', { skip }, async () => {
  const page = await open(sides());
  const about = () => page.textContent('#window-status');
  const first = await about();
  await page.selectOption('#run', '2');
  await page.waitForFunction((text) => document.getElementById('window-status').textContent !== text, first);
  const second = await about();
  await page.evaluate(() => history.back());
  await page.waitForFunction((text) => document.getElementById('window-status').textContent === text, first);
  assert.equal(await page.inputValue('#run'), '0');
  await page.evaluate(() => history.forward());
  await page.waitForFunction((text) => document.getElementById('window-status').textContent === text, second);
  assert.equal(await page.inputValue('#run'), '2');
  sane(page);
});

/** Runs in the page before its script: the page saves what is typed some time later, and the test picks the moment. */
const savesWhenAsked = () => {
  const later = window.setTimeout;
  window.saveNow = () => {};
  window.setTimeout = (run, delay, ...more) => {
    if (delay !== 150) return later(run, delay, ...more);
    window.saveNow = run;
    return later(() => {}, 0);
  };
  // The address has changed, and the page has not read it.
  window.addEventListener('popstate', () => window.saveNow());
};

test('a new address is not overwritten by the state that the page was about to save', { skip }, async () => {
  const page = await open(report('v8/mix-node22.log.zst'), { before: savesWhenAsked });
  await page.focus('#search');
  await page.keyboard.type('abc');
  await page.evaluate(() => {
    location.hash = 'by=file';
    window.saveNow();
  });
  await page.waitForFunction(() => document.querySelector('[data-value=file]').ariaPressed === 'true');
  assert.equal(await page.evaluate(() => location.hash), '#by=file');
  assert.equal(await page.inputValue('#search'), '');
  // A choice that comes before the event of a new address changes the state of that address.
  await page.evaluate(() => {
    location.hash = 'by=package';
    document.querySelector('.flame [data-value=split]').click();
  });
  assert.equal(await page.evaluate(() => location.hash), '#by=package&tiers=1');
  await page.waitForFunction(() => document.querySelector('#table [data-value=package]').ariaPressed === 'true');
  sane(page);
});

test('Back is not undone by the state that the page was about to save', { skip }, async () => {
  const page = await open(report('v8/mix-node22.log.zst'), { before: savesWhenAsked });
  await page.click('#table [data-value=package]');
  await page.focus('#search');
  await page.keyboard.type('abc');
  assert.equal(await page.evaluate(() => location.hash), '#by=package&q=a');
  // A choice first writes what was typed.
  await page.click('#table [data-value=file]');
  assert.equal(await page.evaluate(() => location.hash), '#by=file&q=abc');
  await page.evaluate(() => history.back());
  await shows(page, { by: 'package', search: 'abc', window: 'whole' });
  await page.focus('#search');
  await page.keyboard.press('End');
  await page.keyboard.type('de');
  await page.evaluate(() => history.back());
  await shows(page, { by: 'package', search: 'abc', window: 'whole' });
  await page.evaluate(() => window.saveNow());
  assert.equal(await page.evaluate(() => location.hash), '#by=package&q=abc');
  await page.evaluate(() => history.forward());
  await shows(page, { by: 'package', search: 'abcd', window: 'whole' });
  sane(page);
});

test('what a monitor measured is a chart with its meaning', { skip }, async () => {
  const { writeFileSync } = await import('node:fs');
  const times = [23, 24, 25, 26].map((minute) => `2026-11-23T01:${minute}:00Z`);
  const path = join(scratch, 'rds.json');
  const results = [{ Label: 'CPUUtilization', Timestamps: times, Values: [20, 23, 97, 30] },
    { Label: 'FreeableMemory', Timestamps: times, Values: [4e9, 4e9, 1e9, 1e9] }];
  writeFileSync(path, JSON.stringify({ MetricDataResults: results }));
  const page = await open(report('spike/before-1', '--with', path));
  assert.equal(await page.locator('.chart canvas').count(), 5);
  assert.match(await page.textContent('.timeline'), /CPUUtilization \(rds\.json\)/);
  assert.match(await page.textContent('.answer'), /CPU of the database is used up/);
  sane(page);
});

test('failed requests of the window stand by their answer, beside their rate', { skip }, async () => {
  const { writeFileSync } = await import('node:fs');
  const path = join(scratch, 'failing.json');
  const at = (second, part) => new Date(Date.UTC(2026, 10, 23, 1, 24, 47 + second, part)).toISOString();
  const lines = [];
  for (let second = 0; second < 60; second++) {
    for (let n = 0; n < 10; n++) {
      const failed = second >= 30 && n < 3;
      const tags = failed && n === 0
        ? { status: '0', error_code: '1050', expected_response: 'false' }
        : failed ? { status: '503', error_code: '1503', expected_response: 'false' } : { status: '200', expected_response: 'true' };
      const point = (metric, value) => lines.push(JSON.stringify({ metric, type: 'Point', data: { time: at(second, n * 90), value, tags } }));
      point('http_req_duration', 20 + n);
      point('http_req_failed', failed ? 1 : 0);
    }
    lines.push(JSON.stringify({ metric: 'vus', type: 'Point', data: { time: at(second, 5), value: 5, tags: {} } }));
  }
  writeFileSync(path, lines.join('\n'));
  const page = await open(report('spike/before-1', '--load', path), { fragment: 'w=whole' });
  assert.match(await page.textContent('.timeline'), /status 503/);
  const failed = () => page.$$eval('#errors table.failed tbody tr', (shown) =>
    shown.map((row) => [...row.cells].map((cell) => cell.textContent)));
  assert.deepEqual(await failed(), [
    ['60', '10.0 %', 'status 503'],
    ['30', '5.0 %', 'no answer (error_code 1050: timed out)'],
  ]);
  // Half a minute into the test, requests begin to fail.
  await page.fill('#from', '10');
  await page.fill('#to', '20');
  await page.locator('#to').blur();
  await drawn(page);
  assert.match(await page.textContent('#errors'), /No request failed in this window/);
  await page.fill('#to', '40');
  await page.locator('#to').blur();
  await drawn(page);
  assert.deepEqual((await failed()).map(([count]) => count), ['20', '10']);
  sane(page);
});

test('in time order a box has the seconds in which it ran', { skip }, async () => {
  const page = await open(spike, { fragment: 'view=time&w=20000000-21000000us' });
  const graph = page.locator('.pane:not(.callers) canvas');
  await graph.scrollIntoViewIfNeeded();
  const box = await graph.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + 31);
  await page.waitForFunction(() => /when/.test(document.querySelector('.tooltip').textContent));
  const [, from, to] = /when(\d+\.?\d*) s to (\d+\.?\d*) s of the load test/.exec(await page.textContent('.tooltip'));
  assert.ok(18.7 < Number(from) && Number(from) <= Number(to) && Number(to) < 19.8, `${from} to ${to}`);
  sane(page);
});

test('on a phone the mark of each line stands beside its name', { skip }, async () => {
  const page = await open(sides(), { viewport: { width: 390, height: 844 } });
  const marks = await page.$$eval('.chart .u-series:not(:first-child) th', (all) => all.map((th) => {
    const [mark, label] = ['.u-marker', '.u-label'].map((part) => th.querySelector(part).getBoundingClientRect());
    return mark.width > 20 && mark.right <= label.left && mark.top >= label.top && mark.top < label.top + 24 && label.right <= innerWidth;
  }));
  assert.ok(marks.length > 6 && marks.every(Boolean), JSON.stringify(marks));
  sane(page);
});

// The error was: the page named the key `m` and the right button to readers who have neither.
test('on a phone the texts name what a touch does', { skip }, async () => {
  const page = await open(spike, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const shown = () => page.innerText('.facts');
  assert.match(await shown(), /^Tap a box/);
  assert.equal(await page.innerText('#keys'), 'Help');
  await page.tap('#keys');
  assert.match(await page.innerText('.help'), /^By touch\s+Drag on the timeline.*Tap a box/s);
  assert.doesNotMatch(await page.innerText('.help'), /Keys|Shift|right button/);
  await page.tap('.help button');
  await page.locator('.pane:not(.callers) canvas').tap({ position: { x: 120, y: 71 } });
  await drawn(page);
  for (const name of ['Sandwich', 'Focus', 'Hide', 'Ignore', 'Copy name']) {
    assert.ok(await page.locator('.facts').getByRole('button', { name, exact: true }).isVisible(), name);
  }
  await page.locator('.facts').getByRole('button', { name: 'Ignore', exact: true }).tap();
  await page.waitForFunction(() => document.querySelector('.crumbs').textContent.includes('no stacks through'));
  sane(page);
});

// The error was: a deep stack of one sample left a screen of empty rows below the graph.
test('the graph is as high as the boxes that are drawn, and grows with the zoom', { skip }, async () => {
  const deep = Array.from({ length: 120 }, (_, at) => `deep${at}`).join(';');
  const folded = join(scratch, 'deep.folded');
  writeFileSync(folded, `main;work 50000\nmain;rest 50000\nmain;${deep} 1\n`);
  for (const fragment of ['', 'flames=1']) {
    const page = await open(report(folded), { fragment });
    const height = () => page.$eval('.pane:not(.callers)', (one) => one.scrollHeight);
    const all = await height();
    assert.ok(all < 90, `${all} pixels for three rows`);
    // The table finds the thin stack, which has its rows then, and the whole is low again after it.
    const more = page.locator('#table button.all');
    if (await more.count()) await more.click();
    await page.click('#table tbody button.link >> text=/^deep119$/');
    await drawn(page);
    assert.ok((await height()) > 110 * 20, `${await height()} pixels for 121 rows`);
    assert.match(await page.textContent('.facts'), /deep119/);
    await page.click('.flame .back');
    await drawn(page);
    assert.equal(await height(), all);
    sane(page);
  }
});

// The error was: no bar was longer than 12 pixels, because each was a share of the whole.
test('the longest bar of the table is full, and the others are in proportion', { skip }, async () => {
  const page = await open(spike);
  const widths = () => page.$$eval('#table tbody tr', (rows) => rows.slice(0, 3).map((row) =>
    [parseFloat(row.querySelector('.meter').style.width), Number(row.dataset.self), Number(row.dataset.total)]));
  const bySelf = await widths();
  assert.equal(bySelf[0][0], 100);
  assert.ok(Math.abs(bySelf[1][0] - (100 * bySelf[1][1]) / bySelf[0][1]) < 0.01, JSON.stringify(bySelf));
  await page.click('#table thead >> text=Total');
  await drawn(page);
  const byTotal = await widths();
  assert.ok(byTotal[0][0] === 100 && Math.abs(byTotal[2][0] - (100 * byTotal[2][2]) / byTotal[0][2]) < 0.01, JSON.stringify(byTotal));
  sane(page);
});

// The error was: two rows of own code had one name, file and line, and could not be told apart.
test('functions of own code in one line have their columns', { skip }, async () => {
  const folded = join(scratch, 'twins.folded');
  writeFileSync(folded, 'main /srv/app.js:1:1;<anonymous> /srv/app.js:28:47 5\nmain /srv/app.js:1:1;<anonymous> /srv/app.js:28:101 3\n');
  const page = await open(report(folded));
  const places = await page.$$eval('#own tbody .place', (all) => all.map((one) => one.textContent));
  assert.deepEqual(places.map((place) => place.replace(/^.*app\.js/, '')), [':28:47', ':28:101']);
  sane(page);
});

test('a picked function opens in an editor, and only by an address of one', { skip }, async () => {
  const page = await open(spike);
  await page.click('#table tbody button.link >> text=_encipher');
  await drawn(page);
  assert.match(await page.getAttribute('.facts a.editor', 'href'), /^vscode:\/\/file\/.*\/bcryptjs\/dist\/bcrypt\.js:959:\d+$/);
  await page.click('#table tbody button.link >> text=/^write$/');
  await drawn(page);
  assert.equal(await page.locator('.facts a.editor').count(), 0);
  sane(page);
});

test('on paper the graph, the table and the answers stay, light and as wide as paper, and controls go', { skip }, async () => {
  const page = await open(spike, { colorScheme: 'dark' });
  const look = () => page.evaluate(() => [getComputedStyle(document.body).color,
    ...[...document.querySelectorAll('canvas')].map((canvas) => canvas.clientWidth)]);
  const before = await look();
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  await page.emulateMedia({ media: 'print' });
  await drawn(page);
  const [ink, ...widths] = await look();
  assert.equal(ink, 'rgb(0, 0, 0)');
  assert.ok(widths.every((width) => width <= 690), String(widths));
  for (const shown of ['.answer', '.timeline', '.pane:not(.callers) canvas', '#table table', '.legend']) {
    assert.ok(await page.locator(shown).first().isVisible(), shown);
  }
  for (const gone of ['.tools', '.flame .bar', '.facts']) assert.ok(!(await page.locator(gone).first().isVisible()), gone);
  const cut = await page.$eval('.pane:not(.callers)', (pane) => pane.scrollHeight - pane.clientHeight);
  assert.ok(cut <= 1, `${cut} pixels of the graph are cut off`);
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  await page.emulateMedia({ media: 'screen' });
  await drawn(page);
  assert.deepEqual(await look(), before);
  sane(page);
});
