'use strict';
// Code that is made, used for a while and thrown away, so that later code comes
// to lie where it was.   node --expose-gc moved.js
function make(i) {
  return new Function('x', `function hot${i}(a) {
    let s = ${i};
    for (let k = 0; k < 300; k++) { s = (s * 31 + a * k) % 1009; ${'s ^= k;'.repeat(i % 40)} }
    return s;
  }
  let t = 0;
  for (let j = 0; j < 60; j++) t += hot${i}(x + j);
  return t;`);
}
const ends = Date.now() + Number(process.env.RECORD_MS || 2000);
const kept = [];
let sum = 0;
for (let made = 0; Date.now() < ends;) {
  const hot = make(made++);
  for (let round = 0; round < 40; round++) sum += hot(round);
  if (made % 7 === 0) kept.push(hot);
  if (kept.length > 50) kept.splice(0, 25);
  if (made % 40 === 0) global.gc();
}
