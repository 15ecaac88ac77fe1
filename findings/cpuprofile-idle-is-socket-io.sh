#!/usr/bin/env bash
# V8's CPU profile of a Node process that never waits can be three quarters "(idle)".
#
# Node sets V8's state to idle before libuv polls, and back after it. libuv reads sockets within
# that phase, and calls JavaScript only for what it has read. So the system call `read`, and the
# memory for it, count as (idle) in `--cpu-prof`, in the inspector and in DevTools. The process used
# a whole core, and Node's own event-loop utilisation is 1. Programs that show "busy" time by leaving
# (idle) out show a server that moves much data as mostly idle.
# A tick log of `node --prof` has the address of each idle tick, so that `read` can be found there.
#
# Seen with Node 20.19.5 and 24.11.1 (npm's package `node`) on Linux. Exit code 0: still so. 1: the
# behaviour changed. Users meet it when they compare a .cpuprofile with the CPU that a server takes.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
cat >program.mjs <<'JS'
import inspector from 'node:inspector';
import net from 'node:net';
const session = new inspector.Session();
session.connect();
const post = (method) => new Promise((done, fail) => session.post(method, (error, result) => (error ? fail(error) : done(result))));
const block = Buffer.alloc(1 << 20, 97);
// A connection to itself: one end writes as fast as the other one reads.
const server = net.createServer((socket) => {
  const write = () => { while (socket.write(block)); };
  socket.on('drain', write).on('error', () => {});
  write();
});
server.listen(0, '127.0.0.1', async () => {
  net.connect(server.address().port, '127.0.0.1').on('data', () => {});
  await post('Profiler.enable');
  await post('Profiler.start');
  const [began, cpu, loop] = [performance.now(), process.cpuUsage(), performance.eventLoopUtilization()];
  setTimeout(async () => {
    const [wall, used] = [performance.now() - began, process.cpuUsage(cpu)];
    const { utilization } = performance.eventLoopUtilization(loop);
    const { profile } = await post('Profiler.stop');
    const idle = new Set(profile.nodes.filter((node) => node.callFrame.functionName === '(idle)').map((node) => node.id));
    const idleMs = profile.samples.reduce((sum, id, at) => sum + (idle.has(id) ? profile.timeDeltas[at] / 1000 : 0), 0);
    const share = { idle: idleMs / wall, cpu: (used.user + used.system) / 1000 / wall, loop: utilization };
    console.log(`Node ${process.versions.node}: (idle) ${(100 * share.idle).toFixed(0)} % of the time, event loop ${(100 * share.loop).toFixed(0)} % busy, ${(100 * share.cpu).toFixed(0)} % of a core`);
    // On a busy machine a process gets less of its core, but its event loop still never waits.
    process.exit(share.idle > 0.3 && share.loop > 0.95 ? 0 : 1);
  }, 1500);
});
JS
for version in 20.19.5 24.11.1; do
  npm install --silent --no-audit --no-fund --prefix "n$version" "node@$version"
  "n$version/node_modules/node/bin/node" program.mjs
done
