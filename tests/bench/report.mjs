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

/**
 * Milliseconds from the start of loading until the first picture is on the screen, which is the charts with the
 * answer above them, and until the flame graph below is. The page is ready, with its tables, after this. A page
 * without charts begins with the flame graph.
 */
async function firstPicture(path) {
  const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
  await page.addInitScript(() => {
    window.pictures = {};
    const look = () => {
      const { charted, drawn } = document.documentElement.dataset;
      const put = (name) => setTimeout(() => (window.pictures[name] ??= performance.now()));
      if (charted || drawn) put('first');
      if (drawn) put('graph');
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  await page.goto(pathToFileURL(path).href);
  await page.waitForFunction(() => window.pictures.graph > 0 && document.documentElement.dataset.ready === 'true', null, { timeout: 120_000 });
  return { page, ...(await page.evaluate(() => window.pictures)) };
}

/**
 * Milliseconds from each move of the mouse in a drag until graph, table and figures are painted, and
 * the CPU of the page's main thread meanwhile.
 */
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
  const cpuOf = await clockOf(page);
  const spent = [];
  for (let at = 0; at < DRAGS; at++) {
    const from = 0.05 + (0.4 * ((at * 37) % 50)) / 50;
    const to = from + 0.05 + (0.45 * ((at * 17) % 50)) / 50;
    await page.mouse.move(box.left + from * box.width, y);
    await page.mouse.down();
    const start = await cpuOf();
    await page.mouse.move(box.left + to * box.width, y);
    await painted();
    spent.push((await cpuOf()) - start);
    await page.mouse.up();
    await painted();
  }
  const rising = (a, b) => a - b;
  return { times: (await page.evaluate(() => window.answers)).sort(rising), spent: spent.sort(rising) };
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

/** Reads the CPU of the page's main thread so far, in milliseconds. Other programs do not change it. */
async function clockOf(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return 1000 * metrics.find((metric) => metric.name === 'TaskDuration').value;
  };
}

/** Aims by page: bytes, CPU s, first picture in ms, p95 of a drag in ms, frames a second. */
const AIMS = {
  spike: { bytes: 1.5e6, written: 0.5, first: 1000, drag: 50, frames: 50 },
  million: { bytes: 12e6, written: Infinity, first: 3000, drag: 150, frames: 50 },
};
const missed = [];

console.log('| page | bytes | written, CPU s | first picture, ms | flame graph, ms | drag p50 / p95, ms | its CPU p50 / p95, ms | pan and zoom, frames a second |');
console.log('|---|---:|---:|---:|---:|---:|---:|---:|');
for (const path of pages) {
  const name = basename(path, '.html');
  const [first, graph] = [[], []];
  let page;
  for (let run = 0; run < 3; run++) {
    await page?.close();
    const opened = await firstPicture(path);
    page = opened.page;
    first.push(opened.first);
    graph.push(opened.graph);
  }
  for (const times of [first, graph]) times.sort((a, b) => a - b);
  const { times, spent } = await drags(page);
  const at = (all, share) => all[Math.ceil(share * all.length) - 1];
  const frames = await framesASecond(page);
  await page.close();
  const aims = AIMS[name];
  const put = (what, value, aim, least = false) => {
    if (least ? value < aim : value > aim) missed.push(`${name}: ${what} ${value.toFixed(0)}, the aim is ${aim}`);
  };
  if (aims) {
    put('bytes', statSync(path).size, aims.bytes);
    put('written in CPU ms', 1000 * Number(cpu.get(name)), 1000 * aims.written);
    put('first picture in ms', first[1], aims.first);
    put('p95 of a drag in ms', at(times, 0.95), aims.drag);
    put('frames a second', frames, aims.frames, true);
  }
  console.log(`| ${name} | ${statSync(path).size.toLocaleString('en-US')} | ${Number(cpu.get(name)).toFixed(2)} | ` +
    `${first[1].toFixed(0)} | ${graph[1].toFixed(0)} | ${at(times, 0.5).toFixed(0)} / ${at(times, 0.95).toFixed(0)} | ${at(spent, 0.5).toFixed(0)} / ${at(spent, 0.95).toFixed(0)} | ${frames.toFixed(0)} |`);
}
console.log(missed.length === 0 ? '\nAims met.' : `\nAims missed:\n${missed.map((one) => `- ${one}`).join('\n')}`);
await close();
