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
const start = performance.now();
await page.goto(`http://127.0.0.1:${port}/index.html#profileURL=${url}&title=spike`);
// Its toolbar names the profile once the first picture is drawn.
await page.waitForFunction(() => /spike|ticks|samples|Isolate|main/i.test(document.body.innerText) && document.querySelector('canvas') && !/Loading/i.test(document.body.innerText), null, { timeout: 120_000 });
await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
console.log((performance.now() - start).toFixed(0));
if (process.env.PICTURE) await page.screenshot({ path: process.env.PICTURE });
await close();
server.close();
