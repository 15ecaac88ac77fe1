// Loaded into every Node process of a recorded run, before the program itself.
//
// It writes into the run folder (SPIKEFLAME_RUN, or else the folder around its own; turbo passes
// NODE_OPTIONS on, and no variable that it does not know):
// - wall-clock marks into the tick log, as functions whose name is the time;
// - process.csv: a row a second of what the process and its event loop did;
// - maps-PID.txt: where libraries and addons lie in memory;
// - .spikeflame/process-PID.json, listening-PID, refused-PID and old-PID: what runs, that it answers, the
//   ports that another program has, and that its version of Node is too old;
// - .spikeflame/cpu-PID: the CPU of the process and of its children, at its end;
// - .spikeflame/lost-PID: that a row of process.csv could not be written, or the disk is full. V8 does not
//   report that for its log, and writes nothing more into it.
// It must never break the program: every step of its own is guarded.
'use strict';
const run = process.env.SPIKEFLAME_RUN || ownRun();
// Older versions must be able to parse this file: they are reported, and run on unchanged.
if (run && parseInt(process.versions.node, 10) < 16) tooOld();
else if (run && !globalThis.__spikeflame) start();

function ownRun() {
  const around = /^(.*)[\\/]\.spikeflame$/.exec(__dirname);
  // The program's child processes are known to belong to the run by the variable.
  if (around) process.env.SPIKEFLAME_RUN = around[1];
  return around && around[1];
}

function tooOld() {
  try {
    require('fs').writeFileSync(`${run}/.spikeflame/old-${process.pid}`, process.versions.node);
  } catch (error) { /* The program goes on. */ }
}

function start() {
  globalThis.__spikeflame = true;
  const fs = require('fs');
  const path = require('path');
  const { performance, monitorEventLoopDelay, PerformanceObserver } = require('perf_hooks');
  const workers = require('worker_threads');
  const own = path.join(run, '.spikeflame');
  const guarded = (step) => (...values) => {
    try { return step(...values); } catch (error) { return undefined; }
  };

  const fromFile = guarded(() => fs.readFileSync(path.join(own, 'flags'), 'utf8'));
  const flags = (process.env.SPIKEFLAME_SPAWN || fromFile() || '').split('\n').filter(Boolean);
  const tools = ['npm', 'npx', 'pnpm', 'pnpx', 'yarn', 'yarnpkg', 'corepack', 'nest', 'ng', 'nx', 'turbo',
    'pm2', 'pm2-runtime', 'pm2-docker', 'pm2-dev', 'npm-cli.js', 'npx-cli.js', 'pnpm.cjs', 'pnpm.mjs',
    'yarn.js', 'corepack.js', 'nest.js'];
  // A project can hold its own yarn (`.yarn/releases/yarn-4.9.2.cjs`), and be in a folder called yarn.
  const isTool = (script) => tools.includes(path.basename(script)) ||
    /^(npm|pnpm|yarn)-\d[^/\\]*\.[cm]?js$/.test(path.basename(script)) ||
    /[\\/](node_modules|nodejs|v1)[\\/](npm|pnpm|yarn|corepack)[\\/]/.test(script);
  if (flags.length > 0) guarded(passFlagsOn)();

  // The CPU of this process, and of its children that have ended: fields 16 and 17 of the stat file, 100 a second.
  const spent = guarded(() => {
    const fields = fs.readFileSync('/proc/self/stat', 'utf8').split(') ').pop().split(' ');
    const { user, system } = process.cpuUsage();
    const children = (Number(fields[13]) + Number(fields[14])) * 10;
    fs.writeFileSync(path.join(own, `cpu-${process.pid}`), `${Math.round((user + system) / 1000)} ${children}`);
  });
  if (workers.isMainThread) process.on('exit', spent);
  if (workers.isMainThread && flags.length > 0 && spawnProfiled()) return;

  const unixUs = () => Math.round((performance.timeOrigin + performance.now()) * 1000);
  // Three in a row: when one is late because the machine is busy, another one is not.
  const mark = guarded(() => {
    for (let i = 0; i < 3; i += 1) new Function(`return function __wallmark_${unixUs()}() {}`)()();
  });
  mark();
  setInterval(mark, 10000).unref();

  // The recorder waits for the first port that the program listens on, in any of its threads.
  guarded(() => {
    const net = require('net');
    const listen = net.Server.prototype.listen;
    const { errorMonitor } = require('events');
    net.Server.prototype.listen = function (...values) {
      // Another program on the port is the usual reason why a server does not come. The monitor leaves the
      // error to the program.
      if (errorMonitor) this.once(errorMonitor, guarded((error) => {
        if (error.syscall === 'listen' && error.port) {
          fs.appendFileSync(path.join(own, `refused-${process.pid}`), `${error.port} (${error.code})\n`);
        }
      }));
      this.once('listening', guarded(() => {
        const address = this.address();
        // A socket without a port is of a tool: tsx and pm2 speak through one before the program runs.
        const port = address && typeof address === 'object' && address.port;
        if (port) fs.appendFileSync(path.join(own, `listening-${process.pid}`), `${port}\n`);
      }));
      return listen.apply(this, values);
    };
  })();

  if (!workers.isMainThread) return;

  guarded(() => {
    // After `node -e`, the first argument is one of the user's, and may be a secret.
    const isScript = path.isAbsolute(process.argv[1] || '');
    fs.writeFileSync(path.join(own, `process-${process.pid}.json`), JSON.stringify({
      pid: process.pid, ppid: process.ppid, began: new Date(performance.timeOrigin).toISOString(), node: process.version, v8: process.versions.v8,
      argv: process.argv.slice(0, isScript ? 2 : 1), exec: process.execPath,
    }));
  })();

  const table = path.join(run, 'process.csv');
  // Node measures the time between two runs of a timer, so an idle process has the timer's interval.
  const timerMs = 20;
  const delay = guarded(() => { const made = monitorEventLoopDelay({ resolution: timerMs }); made.enable(); return made; })();
  let gcMs = 0;
  guarded(() => {
    new PerformanceObserver((list) => { for (const entry of list.getEntries()) gcMs += entry.duration; })
      .observe({ entryTypes: ['gc'] });
  })();
  // Clock ticks of the main thread: fields 14 and 15 of its stat file, 100 a second on Linux.
  const threadMs = guarded(() => {
    if (process.threadCpuUsage) { const used = process.threadCpuUsage(); return (used.user + used.system) / 1000; }
    const fields = fs.readFileSync(`/proc/self/task/${process.pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  });
  // The CPU profiler's signals interrupt the loop's waits, which libuv then counts as work.
  const interrupted = [...process.execArgv, process.env.NODE_OPTIONS || ''].some((word) => word.includes('--cpu-prof'));
  const utilization = (...from) => (interrupted ? {} : performance.eventLoopUtilization(...from));
  // The first row counts from the start of the process, at which all but the loop was 0.
  let last = { at: 0, cpu: { user: 0, system: 0 }, thread: 0, gc: 0, loop: utilization() };
  const round = (value, digits) => (Number.isFinite(value) ? value.toFixed(digits) : '');
  let isLost = false;
  let why = '';
  // Without room, the file stays empty, and is written again later.
  const lost = guarded((error) => {
    why = why || `${new Date().toISOString()} ${error.code || error}`;
    fs.writeFileSync(path.join(own, `lost-${process.pid}`), why);
    isLost = true;
  });
  // A small file can still grow in its last block when a log cannot.
  const hasNoRoom = guarded(() => {
    if (!fs.statfsSync) return false;
    const disk = fs.statfsSync(run);
    const free = process.getuid() === 0 ? disk.bfree : disk.bavail;
    return disk.blocks > 0 && free * disk.bsize < 65536;
  });
  const row = guarded(() => {
    const now = performance.now();
    const ms = now - last.at;
    if (ms < 1) return;
    const cpu = process.cpuUsage();
    const thread = threadMs();
    const loop = utilization();
    const used = (cpu.user + cpu.system - last.cpu.user - last.cpu.system) / 1000;
    const active = process.getActiveResourcesInfo ? process.getActiveResourcesInfo() : [];
    const sockets = active.filter((name) => name === 'TCPSocketWrap' || name === 'TCPServerWrap').length;
    const cells = [
      new Date().toISOString(), process.pid, round(used / ms, 4), round((thread - last.thread) / ms, 4),
      round(utilization(loop, last.loop).utilization, 4),
      delay && delay.max ? round(Math.max(0, delay.percentile(99) / 1e6 - timerMs), 2) : '', round((gcMs - last.gc) / ms, 4),
      round(process.memoryUsage().rss / 1048576, 1), active.length, sockets,
    ];
    try { fs.appendFileSync(table, cells.join(',') + '\n'); } catch (error) { if (!isLost) lost(error); }
    if (!isLost && hasNoRoom()) lost({ code: 'ENOSPC' });
    if (delay) delay.reset();
    last = { at: now, cpu, thread, gc: gcMs, loop };
  });
  setInterval(row, 1000).unref();

  const maps = guarded(() => {
    fs.writeFileSync(path.join(run, `maps-${process.pid}.txt`), fs.readFileSync('/proc/self/maps'));
  });
  setInterval(maps, 10000).unref();
  process.on('exit', () => { row(); maps(); mark(); });

  // A signal that nobody handles would end the process before its log is written.
  for (const [signal, number] of [['SIGINT', 2], ['SIGTERM', 15]]) {
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(128 + number);
    });
  }

  // A child with a channel to its parent cannot start itself again, as pm2 starts programs. It gets the
  // flags from its parent, and so does one whose environment lacks this module.
  function passFlagsOn() {
    const { ChildProcess } = require('child_process');
    const spawn = ChildProcess.prototype.spawn;
    ChildProcess.prototype.spawn = function (options, ...rest) {
      guarded(() => {
        const { file, args, stdio, envPairs } = options;
        const isLoaded = envPairs.some((pair) => pair.startsWith('NODE_OPTIONS=') && pair.includes(__filename));
        const hasChannel = Array.isArray(stdio) && stdio.includes('ipc');
        const script = args.slice(1).find((word) => !word.startsWith('-')) || '';
        const isNode = file === process.execPath || /^node(js)?$/.test(path.basename(file));
        const isFlagged = args.includes(flags[0]);
        if (!isNode || !script || isTool(script) || (isLoaded && (!hasChannel || isFlagged))) return;
        const added = [...(isFlagged ? [] : flags), ...(isLoaded ? [] : ['--require', __filename])];
        options.args = [args[0], ...added, ...args.slice(1)];
      })();
      return spawn.call(this, options, ...rest);
    };
  }

  // What the program got from its parent: its streams, and others such as `5>file` in a shell. Node's own
  // are no files, and both ends of its pipes are here.
  function inherited() {
    const stdio = ['inherit', 'inherit', 'inherit'];
    // A channel to the parent is a socket too.
    const isInspected = process.channel || process.execArgv.some((flag) => flag.startsWith('--inspect'));
    const links = Array.from({ length: 64 }, (_, fd) => guarded(() => fs.readlinkSync(`/proc/self/fd/${fd}`))() || '');
    links.forEach((link, fd) => {
      const isFile = link.startsWith('/') && link !== '/dev/null';
      const isEnd = link.startsWith('pipe:') || (link.startsWith('socket:') && !isInspected);
      if (fd < 3 || !(isFile || (isEnd && links.filter((other) => other === link).length === 1))) return;
      while (stdio.length < fd) stdio.push('ignore');
      stdio.push(fd);
    });
    return stdio;
  }

  // Starts the same program again with the profiler's flags, which NODE_OPTIONS refuses. A single executable
  // application, and another program that is not `node`, may take the flags for words of its own: it must
  // not be started for ever.
  function spawnProfiled() {
    if (guarded(() => require('node:sea').isSea())()) {
      guarded(() => fs.writeFileSync(path.join(own, 'single-executable'), ''))();
      return false;
    }
    const script = process.argv[1] || '';
    const isAgain = process.env.SPIKEFLAME_SPAWNED_BY === `${process.ppid}`;
    delete process.env.SPIKEFLAME_SPAWNED_BY;
    const isRunning = isAgain || process.execArgv.includes(flags[0]);
    if (!script || isTool(script) || isRunning) return false;
    // A parent that has this module passes the flags on itself. Node's watch mode loads no modules into itself.
    const { channel } = process;
    if (channel && fs.existsSync(path.join(own, `process-${process.ppid}.json`))) return false;
    const child = require('child_process').spawn(
      process.execPath, [...flags, ...process.execArgv, ...process.argv.slice(1)],
      {
        stdio: channel ? [...inherited(), 'ipc'] : inherited(), argv0: process.argv0,
        env: { ...process.env, SPIKEFLAME_SPAWNED_BY: `${process.pid}` },
      });
    if (channel) {
      const pass = (from, to) => from.on('message', guarded((message, handle) => to.connected && to.send(message, handle)));
      pass(process, child);
      pass(child, process);
      process.on('disconnect', guarded(() => child.disconnect()));
    }
    // The recorder notes a signal that its whole process group gets. The program gets each once: a
    // second SIGTERM would cut its orderly end short.
    const isSent = guarded((signal) => process.platform === 'linux' &&
      fs.readFileSync('/proc/self/stat', 'utf8').split(') ').pop().split(' ')[2] ===
        fs.readFileSync(path.join(own, `sent-${signal}`), 'utf8'));
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2']) {
      process.on(signal, () => { try { if (!isSent(signal)) child.kill(signal); } catch (error) {} });
    }
    child.on('exit', (code, signal) => {
      if (signal) { process.removeAllListeners(signal); process.kill(process.pid, signal); }
      process.exit(code === null ? 1 : code);
    });
    // The program itself must not run here too: it waits for a promise that never settles.
    const Module = require('module');
    Module.runMain = () => {};
    Module._load = ((load) => function (request, parent, isMain) {
      return isMain ? {} : load.apply(this, arguments);
    })(Module._load);
    return true;
  }
}
