'use strict';
// A function whose lines differ in cost.
function inner(i) {
  return Math.sqrt(i) % 3;
}
function hot(n) {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.sqrt(i);
  for (let i = 0; i < 3 * n; i++) {
    sum += (i * 31) % 7;
    sum ^= i & 3;
  }
  const text = [];
  for (let i = 0; i < n / 20; i++) {
    text.push(String(i) + sum);
  }
  for (let i = 0; i < n; i++) {
    sum +=
      inner(i);
  }
  return sum + text.length;
}
const end = Date.now() + Number(process.env.RECORD_MS ?? 1500);
let total = 0;
while (Date.now() < end) {
  total += hot(100000);
}
console.log(total > 0);
