// Opens a recording in speedscope and measures the time to its first picture.
//
//   node speedscope.mjs FOLDER RECORDING
//
// FOLDER is speedscope's dist/release; RECORDING is what its page reads.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, extname, join } from 'node:path';
import { launch, close, skip } from '../web/browser.mjs';

if (skip) process.exit(1);
const [folder, recording] = process.argv.slice(2);
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm' };
const server = createServer((request, response) => {
  const name = new URL(request.url, 'http://localhost').pathname;
  const path = name === '/recording' ? recording : join(folder, basename(name) || 'index.html');
  try {
    statSync(path);
    response.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream');
    createReadStream(path).pipe(response);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const { port } = server.address();
const page = await (await launch()).newPage({ viewport: { width: 1400, height: 1000 } });
const url = encodeURIComponent(`http://127.0.0.1:${port}/recording`);
// The clock of the page, as for our own page: from the start of loading to the first picture.
await page.addInitScript(() => {
  const look = () => {
    const text = document.body?.innerText ?? '';
    // Its toolbar names the profile once the first picture is drawn.
    const drawn = /spike|ticks|samples|Isolate|main/i.test(text) && document.querySelector('canvas') && !/Loading/i.test(text);
    if (!drawn) return requestAnimationFrame(look);
    setTimeout(() => (window.firstPicture = performance.now()));
  };
  requestAnimationFrame(look);
});
await page.goto(`http://127.0.0.1:${port}/index.html#profileURL=${url}&title=spike`);
await page.waitForFunction(() => window.firstPicture > 0, null, { timeout: 120_000 });
console.log((await page.evaluate(() => window.firstPicture)).toFixed(0));
if (process.env.PICTURE) await page.screenshot({ path: process.env.PICTURE });
await close();
server.close();
