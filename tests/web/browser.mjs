// The end-to-end tests share this: the binary, the browser, and pages in it.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const require = createRequire(join(root, 'web/package.json'));
const { chromium } = require('playwright-core');
export const axe = () => require.resolve('axe-core/axe.min.js');

const BROWSERS = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const browserPath = BROWSERS.find((path) => path && existsSync(path));
const binary = process.env.SPIKEFLAME ?? join(root, 'target/debug/spikeflame');

/** Why the tests cannot run; false when they can. */
export const skip = !browserPath
  ? 'SKIPPED: no Chromium (Debian: apt-get install chromium)'
  : !existsSync(binary)
    ? `SKIPPED: ${binary} is not built`
    : false;
if (skip) console.log(skip);

export const scratch = mkdtempSync(join(tmpdir(), 'spikeflame-web-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

/** Standard output of the program, run in samples/. */
export function spikeflame(...args) {
  return execFileSync(binary, args, {
    cwd: join(root, 'samples'), encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'],
  });
}

let written = 0;

/** Writes a page and gives its path. */
export function report(...args) {
  const path = join(scratch, `page-${++written}.html`);
  spikeflame('report', '-q', ...args, '-o', path);
  if (process.env.PAGE_FRESH) refresh(path);
  return path;
}

/** With PAGE_FRESH=1 a page gets the committed script and style, without a build of the crate. */
export function refresh(path) {
  const asset = (name) => readFileSync(join(root, 'crates/render/src/report/assets', name), 'utf8');
  const page = readFileSync(path, 'utf8');
  const head = page.slice(0, page.indexOf('<style>'));
  const body = page.slice(page.indexOf('</style>'), page.lastIndexOf('<script>'));
  const policy = asset('policy.txt').trim().replaceAll("'", '&#39;');
  const named = head.replace(/(Security-Policy" content=")[^"]*/, (_, start) => start + policy);
  writeFileSync(path, `${named}<style>${asset('page.css')}${body}<script>${asset('page.js')}</script></body></html>`);
}

let browser;

export async function launch() {
  browser ??= await chromium.launch({
    executablePath: browserPath,
    timeout: 120_000,
    args: [
      '--no-sandbox', '--headless', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
    ],
  });
  return browser;
}

export async function close() {
  await browser?.close();
}

/** Opens a page and waits until it is drawn. Errors, requests and dialogs are gathered in `page.trouble`. */
export async function open(path, options = {}) {
  const page = await show(path, options);
  await ready(page);
  return page;
}

/** Opens a file without waiting for it. The function `before` runs in the page before its script. */
export async function show(path, { fragment = '', before, ...options } = {}) {
  const context = await (await launch()).newContext({ viewport: { width: 1400, height: 1000 }, ...options });
  const page = await context.newPage();
  // A busy machine can be very slow.
  page.setDefaultTimeout(120_000);
  page.trouble = [];
  if (before) await page.addInitScript(before);
  page.path = path;
  page.on('pageerror', (error) => page.trouble.push(`error: ${error.message}`));
  page.on('console', (message) => message.type() === 'error' && page.trouble.push(`console: ${message.text()}`));
  page.on('dialog', (dialog) => {
    page.trouble.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!request.url().startsWith('file:')) page.trouble.push(`request: ${request.url()}`);
  });
  await page.goto(pathToFileURL(path).href + (fragment ? `#${fragment}` : ''));
  return page;
}

export async function ready(page) {
  await page.waitForFunction(() => document.documentElement.dataset.ready === 'true' || document.querySelector('.failure'));
}

/** Two pictures later, what was asked for is on the screen. */
export async function drawn(page) {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))));
}

/** The rows of the table as shown: label, self, total. */
export async function rows(page) {
  const all = page.locator('#table button.all');
  if (await all.count()) await all.click();
  await drawn(page);
  return page.$$eval('#table tbody tr', (shown) =>
    shown.map((row) => {
      // A number with a unit of time, or in millions, has the exact one beside it.
      const number = (cell) => Number((cell.title.split(' ')[0] || cell.querySelector('b').textContent).replaceAll(',', ''));
      return [row.dataset.label, number(row.cells[0]), number(row.cells[1])];
    }));
}

export const status = (page) => page.textContent('#window-status');
