// Receipts of carts: work that stays as it is.
'use strict';
const journal = Int32Array.from({ length: 4096 }, (_, at) => (at * 2654435761) | 0);
const words = ['bread', 'milk', 'apples', 'rice', 'coffee', 'soap', 'tea', 'salt'];

function checkNumber(start) {
  let sum = start | 0;
  for (let round = 0; round < 60; round++) {
    for (let at = 0; at < journal.length; at++) sum = (Math.imul(sum, 31) + journal[at]) | 0;
  }
  return sum >>> 0;
}

function linesOf(cart) {
  let text = '';
  for (let round = 0; round < 30; round++) {
    text = '';
    for (const id of cart) text += `${words[id % words.length].padEnd(12)}${String(id).padStart(8)}\n`;
  }
  return text;
}

function sortedBySize(cart) {
  let sorted = cart;
  for (let round = 0; round < 60; round++) sorted = [...cart].sort((a, b) => (a * 7) % 101 - (b * 7) % 101);
  return sorted;
}

function countsOf(cart) {
  const counts = new Map();
  for (let round = 0; round < 120; round++) {
    for (const id of cart) counts.set(id % 97, (counts.get(id % 97) || 0) + 1);
  }
  return [...counts.values()];
}

function packed(text) {
  let last = '';
  for (let round = 0; round < 60; round++) last = Buffer.from(text).toString('base64');
  return last.length;
}

function receiptOf(cart) {
  const lines = linesOf(cart);
  return {
    check: checkNumber(cart.length), first: sortedBySize(cart)[0],
    counts: countsOf(cart).length, size: packed(lines),
  };
}

module.exports = { receiptOf };
