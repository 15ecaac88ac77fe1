// Loads the recorder's module into a program so that its work can be switched on and off while the
// program runs: timers, the histogram of the event loop's delay, and the observer of garbage
// collection. The parent process sends true or false. For tests/bench/overhead.mjs.
'use strict';
const hooks = require('perf_hooks');
const timers = [];
const histograms = [];
const observers = [];
const real = { setInterval, monitor: hooks.monitorEventLoopDelay, observe: hooks.PerformanceObserver.prototype.observe };

globalThis.setInterval = (run, every) => {
  timers.push({ run, left: every, every, since: 0, waiting: undefined });
  return { unref() {} };
};
hooks.monitorEventLoopDelay = (options) => {
  const histogram = real.monitor(options);
  histograms.push(histogram);
  return histogram;
};
hooks.PerformanceObserver.prototype.observe = function (options) {
  observers.push({ observer: this, options });
  return real.observe.call(this, options);
};
require('../../crates/record/src/preload.cjs');
globalThis.setInterval = real.setInterval;
hooks.monitorEventLoopDelay = real.monitor;
hooks.PerformanceObserver.prototype.observe = real.observe;

// A timer that is switched off keeps the rest of its interval, so that short slices of time add up to
// whole intervals.
function go(timer) {
  timer.since = performance.now();
  timer.waiting = setTimeout(() => {
    timer.run();
    timer.left = timer.every;
    go(timer);
  }, timer.left).unref();
}

function stop(timer) {
  if (!timer.waiting) return;
  clearTimeout(timer.waiting);
  timer.waiting = undefined;
  timer.left = Math.max(1, timer.left - (performance.now() - timer.since));
}

function set(on) {
  for (const timer of timers) on ? go(timer) : stop(timer);
  for (const histogram of histograms) on ? histogram.enable() : histogram.disable();
  for (const { observer, options } of observers) on ? observer.observe(options) : observer.disconnect();
}
set(false);
process.on('message', (on) => { set(on); process.send(on); });
