// Opens pages in headless Chromium and measures what a reader waits for.
//
//   node report.mjs WRITTEN PAGE...
//
// WRITTEN has a line for each page: its name and the CPU seconds of writing it.
import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { launch, close, refresh, skip } from '../web/browser.mjs';

if (skip) process.exit(1);
const [written, ...pages] = process.argv.slice(2);
const cpu = new Map(readFileSync(written, 'utf8').trim().split('\n').map((line) => line.split('\t')));
const browser = await launch();
const DRAGS = 50;
if (process.env.PAGE_FRESH) pages.forEach(refresh);

/** Milliseconds from the start of loading until the first flame graph is on the screen. */
async function firstPicture(path) {
  const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
  await page.addInitScript(() => {
    const look = () => {
      if (document.documentElement.dataset.ready !== 'true') return requestAnimationFrame(look);
      requestAnimationFrame(() => setTimeout(() => (window.firstPicture = performance.now())));
    };
    requestAnimationFrame(look);
  });
  await page.goto(pathToFileURL(path).href);
  await page.waitForFunction(() => window.firstPicture > 0, null, { timeout: 120_000 });
  return { page, ms: await page.evaluate(() => window.firstPicture) };
}

/** Milliseconds from each move of the mouse in a drag until graph, table and figures are painted. */
async function drags(page) {
  const box = await page.evaluate(() => {
    const over = document.querySelector('.u-over') ?? document.querySelector('.heat');
    over.scrollIntoView({ block: 'center' });
    window.answers = [];
    over.addEventListener('pointermove', (event) => {
      if (!(event.buttons & 1)) return;
      requestAnimationFrame(() => setTimeout(() => window.answers.push(performance.now() - event.timeStamp)));
    });
    const { left, top, width } = over.getBoundingClientRect();
    return { left, top, width };
  });
  const painted = () => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
  const y = box.top + 20;
  for (let at = 0; at < DRAGS; at++) {
    const from = 0.05 + (0.4 * ((at * 37) % 50)) / 50;
    const to = from + 0.05 + (0.45 * ((at * 17) % 50)) / 50;
    await page.mouse.move(box.left + from * box.width, y);
    await page.mouse.down();
    await page.mouse.move(box.left + to * box.width, y);
    await painted();
    await page.mouse.up();
    await painted();
  }
  return (await page.evaluate(() => window.answers)).sort((a, b) => a - b);
}

/** Pictures a second while the flame graph is zoomed and panned. */
async function framesASecond(page) {
  return page.evaluate(async () => {
    const canvas = document.querySelector('.pane:not(.callers) canvas');
    canvas.scrollIntoView({ block: 'center' });
    const box = canvas.getBoundingClientRect();
    const turn = (deltaX, deltaY) => canvas.dispatchEvent(new WheelEvent('wheel', {
      deltaX, deltaY, clientX: box.left + box.width / 2, clientY: box.top + 60, bubbles: true, cancelable: true,
    }));
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    await frame();
    const start = performance.now();
    const frames = 120;
    for (let at = 0; at < frames; at++) {
      if (at % 2) turn(40 * Math.sin(at / 9), 0);
      else turn(0, at < frames / 2 ? -60 : 60);
      await frame();
    }
    return (1000 * frames) / (performance.now() - start);
  });
}

/** Milliseconds of CPU of the page's main thread while `run` goes on. */
async function cpuOf(page, run) {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const read = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return 1000 * metrics.find((metric) => metric.name === 'TaskDuration').value;
  };
  const start = await read();
  const result = await run();
  return [result, (await read()) - start];
}

console.log('| page | bytes | written, CPU s | first picture, ms | drag p50 / p95, ms | drag, mean CPU ms | pan and zoom, frames a second |');
console.log('|---|---:|---:|---:|---:|---:|---:|');
for (const path of pages) {
  const name = basename(path, '.html');
  const first = [];
  let page;
  for (let run = 0; run < 3; run++) {
    await page?.close();
    const opened = await firstPicture(path);
    page = opened.page;
    first.push(opened.ms);
  }
  first.sort((a, b) => a - b);
  const [times, dragCpu] = await cpuOf(page, () => drags(page));
  const at = (share) => times[Math.ceil(share * times.length) - 1].toFixed(0);
  const frames = await framesASecond(page);
  await page.close();
  console.log(`| ${name} | ${statSync(path).size.toLocaleString('en-US')} | ${Number(cpu.get(name)).toFixed(2)} | ` +
    `${first[1].toFixed(0)} | ${at(0.5)} / ${at(0.95)} | ${(dragCpu / DRAGS).toFixed(0)} | ${frames.toFixed(0)} |`);
}
await close();
