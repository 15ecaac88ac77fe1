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
  timers.push({ run, every, running: [] });
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

function set(on) {
  for (const timer of timers) {
    timer.running.forEach(clearTimeout);
    // The first call comes after half of the interval, so that a slice of the longest interval has
    // as many calls as it has intervals.
    timer.running = on ? [setTimeout(() => {
      timer.run();
      timer.running.push(setInterval(timer.run, timer.every).unref());
    }, timer.every / 2).unref()] : [];
  }
  for (const histogram of histograms) on ? histogram.enable() : histogram.disable();
  for (const { observer, options } of observers) on ? observer.observe(options) : observer.disconnect();
}
set(false);
process.on('message', (on) => { set(on); process.send(on); });
