'use strict';
// Preloaded (`--require`): records the whole run with a pprof library, the one
// that Datadog's and Pyroscope's agents use, and writes it at the end.
const { createRequire } = require('node:module');
const { writeFileSync } = require('node:fs');
const { time, encodeSync } = createRequire(process.env.PPROF_HOME + '/')('@datadog/pprof');

time.start({ intervalMicros: 1000, durationMillis: 600_000 });
// Before the library's own listener, which throws the samples away.
process.prependOnceListener('exit', () => writeFileSync(process.env.PPROF_OUT, encodeSync(time.stop())));
