'use strict';
// The "dependency": work on text, most of it done by V8's builtins.

const WORDS = 'amber birch cedar dune ember fjord grove heath inlet jetty knoll ledge marsh nook oasis pond quay ridge scree tarn vale weald'
  .split(' ');

/** Text of `count` words, the same on every run. */
function makeText(count) {
  let seed = 7;
  let text = '';
  for (let i = 0; i < count; i++) {
    seed = Math.imul(seed, 1103515245) + 12345 & 0x7fffffff;
    text += WORDS[(seed >>> 8) % WORDS.length] + (seed % 7 === 0 ? ' ' + seed % 1000 + ', ' : ' ');
  }
  return text;
}

// RegExp code, called from the builtin behind exec.
const NUMBER = /\b([a-z]+) (\d+),/g;
function scanNumbers(text) {
  let sum = 0;
  NUMBER.lastIndex = 0;
  for (let match = NUMBER.exec(text); match !== null; match = NUMBER.exec(text)) {
    sum = sum + match[1].length * Number(match[2]) | 0;
  }
  return sum;
}

// Map builtins with strings as keys.
function countWords(words) {
  const counts = new Map();
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    counts.set(word, (counts.get(word) || 0) + 1);
  }
  return counts.size;
}

// Runtime functions in C++, called from builtins.
function roundTrip(record) {
  return JSON.parse(JSON.stringify(record)).rows.length;
}

// charCodeAt, which TurboFan turns into loads.
function hashText(text) {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h;
}

module.exports = { makeText, scanNumbers, countWords, roundTrip, hashText };
