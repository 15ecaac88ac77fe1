// The SVG of `flame` in a browser: its search, its head, its colours.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { close, drawn, scratch, show, skip, spikeflame } from './browser.mjs';

let picture;
before(() => {
  if (skip) return;
  picture = join(scratch, 'spike.svg');
  spikeflame('flame', '-q', 'spike/before-1', '--window', 'plateau', '-o', picture);
});
after(close);

const onScreen = (page, id) => page.evaluate((name) => {
  const { top, bottom } = document.getElementById(name).getBoundingClientRect();
  return top >= 0 && bottom <= innerHeight;
}, id);

test('the root, the title and the search of a tall picture are on the screen at once', { skip }, async () => {
  const page = await show(picture, { viewport: { width: 1200, height: 420 } });
  await page.waitForSelector('#bar input');
  await drawn(page);
  assert.ok(await page.evaluate(() => scrollY > 0), 'it opens at its root');
  for (const id of ['title', 'bar', 'legend']) assert.ok(await onScreen(page, id), id);
  await page.evaluate(() => scrollTo(0, 0));
  await drawn(page);
  for (const id of ['title', 'bar']) assert.ok(await onScreen(page, id), id);
  assert.deepEqual(page.trouble, []);
});

test('the search is live, and asks with no dialog', { skip }, async () => {
  const page = await show(picture, { viewport: { width: 1200, height: 800 } });
  await page.waitForSelector('#bar input');
  await page.keyboard.press('Control+f');
  await page.keyboard.type('_ENCIPHER');
  assert.equal(await page.textContent('#bar output'), '13.8 % matches');
  const marked = () => page.locator('#frames rect[fill="rgb(230,0,230)"]').count();
  assert.ok((await marked()) > 0);
  await page.fill('#bar input', '(');
  assert.equal(await page.textContent('#bar output'), 'not a regular expression');
  await page.fill('#bar input', 'no such thing');
  assert.equal(await page.textContent('#bar output'), 'nothing matches');
  await page.keyboard.press('Escape');
  assert.equal(await page.$eval('#bar input', (box) => box.value), '');
  assert.equal(await marked(), 0);
  await page.mouse.move(600, 740);
  assert.deepEqual(page.trouble, []);
});

test('light and dark by the system', { skip }, async () => {
  const colors = async (colorScheme) => {
    const page = await show(picture, { colorScheme });
    await page.waitForSelector('#bar input');
    return page.evaluate(() => [
      getComputedStyle(document.documentElement).backgroundColor,
      getComputedStyle(document.getElementById('title')).fill,
      getComputedStyle(document.querySelector('#frames text')).fill,
      // Boxes for calls that are too narrow are as pale as paper, which is glaring in the dark.
      getComputedStyle(document.querySelector('#frames rect[fill="rgb(235,235,235)"]')).fill,
    ]);
  };
  const [light, dark] = [await colors('light'), await colors('dark')];
  assert.notEqual(light[0], dark[0]);
  assert.notEqual(light[1], dark[1]);
  assert.equal(light[2], dark[2]);
  assert.equal(light[3], 'rgb(235, 235, 235)');
  assert.equal(dark[3], 'rgb(120, 129, 141)');
});
