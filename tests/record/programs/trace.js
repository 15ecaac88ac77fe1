'use strict';
// Records itself into a Chrome trace: the category of CPU profiles has to be
// turned on from within, since --trace-event-categories comes before there is
// anything to profile.
//   node --trace-event-file-pattern out.json trace.js
const categories = ['disabled-by-default-v8.cpu_profiler'];
const tracing = require('node:trace_events').createTracing({ categories });
tracing.enable();

function fibonacci(n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }
function pattern(text) { return /a(b|c)+d/.test(text); }
function sorted(n) { return Array.from({ length: n }, (_, i) => (i * 7919) % n).sort((a, b) => a - b); }
function evaluated() { return new Function('n', 'let s = 0; for (let i = 0; i < n; i++) s += i % 7; return s')(20000); }

const end = Date.now() + Number(process.env.RECORD_MS || 1000);
let sink = 0;
while (Date.now() < end) {
  sink += fibonacci(17) + sorted(500).length + evaluated();
  if (pattern('xxxxabcbcbcd'.repeat(50))) sink++;
}
tracing.disable();
if (sink === 42) console.log(sink);
