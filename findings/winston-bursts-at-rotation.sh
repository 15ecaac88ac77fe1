#!/usr/bin/env bash
# winston loses the lines of a burst when its file is full.
#
# With `maxsize` the transport of files goes on in a new file when one is full. The lines that a stream still
# holds at that moment are dropped: those that were logged in the same turn of the event loop and
# did not fit into its buffer of 16 KiB. A burst is what a blocked service logs when it comes to itself, or
# what a lost database makes of a few hundred open requests. Here 2,000 lines are logged, 500 in a turn, with a pause
# after each: hundreds are in no file, although `finish` came and no error did. In steps of forty all
# are kept, and winston-daily-rotate-file with the same size keeps all of the bursts.
#
# Seen with winston 3.19.0 and winston-daily-rotate-file 5.0.0 on Node 20. Exit code 0: still so.
# 1: the behaviour changed.
# Users meet it when they count requests or errors under load in a service's log.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts winston@3.19.0 winston-daily-rotate-file@5.0.0
cat >bursts.js <<'JS'
const { mkdirSync, readdirSync, readFileSync } = require('node:fs');
const winston = require('winston');
const DailyRotateFile = require('winston-daily-rotate-file');
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const total = 2000;
const kept = (folder) => new Set(readdirSync(folder).flatMap((file) => readFileSync(`${folder}/${file}`, 'utf8').match(/request \d+ /g) ?? [])).size;
async function run(title, step, transport) {
  const folder = title.replace(/\W+/g, '-');
  mkdirSync(folder);
  let errors = 0;
  const logger = winston.createLogger({ transports: [transport(folder)] });
  logger.on('error', () => errors++);
  for (let index = 0; index < total; index++) {
    logger.info(`request ${index} GET /orders 200 in 12 ms ${'x'.repeat(60)}`);
    if (index % step === step - 1) await pause(50);
  }
  await new Promise((resolve) => logger.on('finish', resolve).end());
  // The number of lines is read once it stands still for a second.
  let lines = -1;
  for (let now = kept(folder); now !== lines; now = kept(folder)) {
    lines = now;
    await pause(1000);
  }
  console.log(`${title}: ${lines} of ${total} lines in ${readdirSync(folder).length} files, ${errors} errors`);
  return errors === 0 ? lines : -1;
}
const file = (folder) => new winston.transports.File({ filename: `${folder}/service.log`, maxsize: 100000 });
const daily = (folder) => new DailyRotateFile({ dirname: folder, filename: 'service-%DATE%.log', maxSize: 100000 });
(async () => {
  console.log(`winston ${require('winston/package.json').version}, winston-daily-rotate-file ${require('winston-daily-rotate-file/package.json').version}, node ${process.version}`);
  const steps = await run('File, 40 lines in a turn', 40, file);
  const bursts = await run('File, 500 lines in a turn', 500, file);
  const other = await run('DailyRotateFile, 500 lines in a turn', 500, daily);
  process.exit(steps === total && other === total && bursts > 0.5 * total && bursts < total - 100 ? 0 : 1);
})();
JS
node bursts.js
