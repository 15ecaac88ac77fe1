// Prints a row of the table of aa.sh: node aa.mjs DIFF.json TITLE WINDOW none|NAME
//
// "none": no row of any table may be flagged when the runs were made in turn, and one at most when
// they were made apart. NAME: the function must be flagged.
import fs from 'node:fs';

const [file, title, window, wanted] = process.argv.slice(2);
const diff = JSON.parse(fs.readFileSync(file, 'utf8'));
const costs = ['self', 'total'];
const isFlagged = (row) => costs.some((cost) => row[cost]?.verdict === 'changed');
const tested = diff.functions.filter((row) => costs.some((cost) => row[cost]?.p !== null));
const flagged = ['functions', 'files', 'packages', 'categories']
  .flatMap((table) => diff[table].filter(isFlagged).map((row) => ({ table, ...row })));
const functions = flagged.filter((row) => row.table === 'functions');
const percent = (ratio) => `${ratio >= 1 ? '+' : '−'}${Math.abs(100 * (ratio - 1)).toFixed(1)} %`;

let right = flagged.length <= (diff.order === 'separated' ? 1 : 0);
let found = '';
if (wanted !== 'none') {
  const row = functions.find((row) => row.name === wanted);
  right = row !== undefined;
  found = row
    ? `${wanted} ${percent(row.self.ratio ?? Infinity)}, q ${row.self.q.toExponential(0)}`
    : `${wanted} not found`;
}
const runs = `${diff.runs.before.length} + ${diff.runs.after.length}`;
console.log(`| ${title}, ${runs} | ${window} | ${diff.order.replace('_', ' ')} | ${percent(diff.total.ratio)} `
  + `| ${tested.length} | ${functions.length} | ${diff.causes} | ${found} |`);
if (!right || (wanted === 'none' && flagged.length > 0)) {
  for (const row of flagged) {
    const of = costs.map((cost) => `${cost} ${row[cost].before} to ${row[cost].after}, q ${row[cost].q}`);
    console.error(`${title}, ${window}: ${row.table}: ${row.label}: ${of.join('; ')}`);
  }
}
process.exit(right ? 0 : 1);
