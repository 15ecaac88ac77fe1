// Takes the pictures of docs/: the page in light, dark, on a phone, and comparing.
//
//   node tests/web/pictures.mjs    (`just page-pictures` builds the program first)
import { join } from 'node:path';
import { close, drawn, open, report, root, skip } from './browser.mjs';

if (skip) process.exit(1);
const spike = report('spike/before-1');
const sides = report('spike/after-1', 'spike/after-2', '--before', 'spike/before-1', '--before', 'spike/before-2');

/** One picture of the part of a page from its top. */
async function take(name, path, options, prepare = async () => {}) {
  const page = await open(path, options);
  await prepare(page);
  await drawn(page);
  await page.waitForTimeout(300);
  await page.screenshot({ path: join(root, 'docs', name) });
  console.log(`docs/${name}`);
}

const desk = { width: 1280, height: 1480 };
await take('page.png', spike, { viewport: desk, colorScheme: 'light' });
await take('page-dark.png', spike, { viewport: desk, colorScheme: 'dark', fragment: 'q=typeorm&color=package' });
await take('page-phone.png', spike, { viewport: { width: 390, height: 1300 }, hasTouch: true, isMobile: true, colorScheme: 'light' });
await take('page-compared.png', sides, { viewport: { width: 1280, height: 1000 }, colorScheme: 'light', fragment: 'view=change' },
  (page) => page.evaluate(() => document.getElementById('comparison').scrollIntoView()));
await close();
