// Loads the recorder's module into a program so that its work can be switched on and off while the
// program runs: timers, the histogram of the event loop's delay, and the observer of garbage
// collection. The parent process sends true or false, and the clock of the timers. For tests/bench/overhead.mjs.
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

// On a machine with other work, the server gets only a share of a core. Timers by the clock would then
// run more often for each request than on a machine of its own, so under load they follow the CPU time
// of the process. While nothing is asked, they follow the clock.
const clocks = {
  wall: () => performance.now(),
  cpu: () => { const used = process.cpuUsage(); return (used.user + used.system) / 1000; },
};
const leastWaitMs = 50;
let clock = 'wall';
let isOn = true;

// A timer that is switched off keeps the rest of its interval, so that short slices of time add up to
// whole intervals.
function go(timer) {
  timer.since = clocks[clock]();
  timer.waiting = setTimeout(() => {
    stop(timer);
    if (timer.left <= 1) {
      timer.run();
      timer.left = timer.every;
    }
    go(timer);
  }, clock === 'cpu' ? Math.max(timer.left, leastWaitMs) : timer.left).unref();
}

function stop(timer) {
  if (!timer.waiting) return;
  clearTimeout(timer.waiting);
  timer.waiting = undefined;
  timer.left = Math.max(1, timer.left - (clocks[clock]() - timer.since));
}

// Slices of one state can follow each other. A timer that was started twice would run for ever.
function set(on, next) {
  for (const timer of timers) stop(timer);
  clock = next;
  for (const timer of timers) if (on) go(timer);
  if (on === isOn) return;
  isOn = on;
  for (const histogram of histograms) on ? histogram.enable() : histogram.disable();
  for (const { observer, options } of observers) on ? observer.observe(options) : observer.disconnect();
}
set(false, 'wall');
process.on('message', ([on, next]) => { set(on, next); process.send(on); });
