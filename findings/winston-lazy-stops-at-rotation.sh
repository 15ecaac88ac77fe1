#!/usr/bin/env bash
# winston stops writing for good at the first rotation with `lazy`, and with `tailable` without maxFiles.
#
# `maxsize` makes winston's transport of files go on in a new file when one is full. With `lazy: true`
# ("log files will be created on demand") or with `tailable: true` ("rolled in ascending order", no maxFiles
# needed) the second file is never made, and each later line is dropped: with tailable at the first full file,
# and with lazy at the first one that is closed before the next line comes. Nothing is raised, printed
# or emitted, and `logger.info` returns as before. Here 400 requests are logged with a pause after each;
# a file holds about 40. All are kept without an option, and with tailable and maxFiles; 40 to 80 with
# lazy or tailable alone.
#
# Seen with winston 3.19.0 on Node 20. Exit code 0: still so. 1: the behaviour changed.
# Users meet it when they count the requests of a load test in a service's log.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts winston@3.19.0
cat >rotate.js <<'JS'
const { mkdirSync, readdirSync, readFileSync } = require('node:fs');
const winston = require('winston');
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const requests = 400;
const kept = (folder) => new Set(readdirSync(folder).flatMap((file) => readFileSync(`${folder}/${file}`, 'utf8').match(/request \d+ /g) ?? [])).size;
async function run([title, options]) {
  const folder = title.replace(/\W+/g, '-');
  mkdirSync(folder);
  let signs = 0;
  const file = new winston.transports.File({ filename: `${folder}/service.log`, maxsize: 5000, ...options });
  const logger = winston.createLogger({ transports: [file] });
  for (const name of ['error', 'warn']) logger.on(name, () => signs++);
  for (let index = 0; index < requests; index++) {
    logger.info(`request ${index} GET /orders 200 in 12 ms ${'x'.repeat(60)}`);
    await pause(15);
  }
  // The number of lines is read once it stands still for two seconds.
  let lines = -1;
  for (let now = kept(folder); now !== lines; now = kept(folder)) {
    lines = now;
    await pause(2000);
  }
  return { title, lines, files: readdirSync(folder).length, signs };
}
(async () => {
  console.log(`winston ${require('winston/package.json').version}, node ${process.version}`);
  const options = { 'no option': {}, 'tailable and maxFiles': { tailable: true, maxFiles: 100 }, lazy: { lazy: true }, tailable: { tailable: true } };
  const results = await Promise.all(Object.entries(options).map(run));
  for (const { title, lines, files, signs } of results) {
    console.log(`${title}: ${lines} of ${requests} lines in ${files} files, ${signs} errors`);
  }
  const [plain, both, ...alone] = results.map(({ lines }) => lines);
  const quiet = results.every(({ signs }) => signs === 0);
  process.exit(quiet && plain === requests && both === requests && alone.every((lines) => lines < 0.6 * requests) ? 0 : 1);
})();
JS
node rotate.js
