#!/usr/bin/env bash
# A Node process that an inspector's client profiles does not end at process.exit(), nor at a
# SIGKILL that it sends to itself: it prints "Waiting for the debugger to disconnect..." and
# waits for the client, without a limit. With no client both end it at once.
#
# Seen with Node 24. Users who profile a running service by
# its inspector meet it: a service that is told to stop meanwhile hangs until the profile is
# over, and an orchestrator kills it after its grace period. The event
# NodeRuntime.waitingForDisconnect is the only notice that a client gets.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --prefix "$work" --no-audit --no-fund --loglevel=error node@24 >&2
node=$work/node_modules/node/bin/node

cat >"$work/client.mjs" <<'JS'
import { spawn } from 'node:child_process';
const [, , code, hold] = process.argv;
const child = spawn(process.execPath, ['--inspect=127.0.0.1:0', '-e', `setTimeout(() => { ${code} }, 1000)`],
  { stdio: ['ignore', 'ignore', 'pipe'] });
let text = '';
const began = Date.now();
child.stderr.on('data', (data) => {
  text += data;
  const url = /ws:\S+/.exec(text);
  if (url && hold > 0 && !child.client) {
    child.client = new WebSocket(url[0]);
    child.client.onopen = () => ['Profiler.enable', 'Profiler.start'].forEach((method, id) =>
      child.client.send(JSON.stringify({ id, method })));
    setTimeout(() => child.client.close(), Number(hold));
  }
});
child.on('exit', () => {
  const seconds = (Date.now() - began) / 1000;
  const waited = text.includes('Waiting for the debugger to disconnect');
  console.log(`${seconds.toFixed(1)} ${waited}`);
});
JS
status=0
for code in 'process.exit(0)' "process.kill(process.pid, 'SIGKILL')"; do
  read -r alone _ < <("$node" "$work/client.mjs" "$code" 0)
  read -r held waited < <("$node" "$work/client.mjs" "$code" 6000)
  echo "$("$node" --version) $code: ended after $alone s alone, after $held s with a client for 6 s (waiting printed: $waited)"
  [[ $waited == true && ${held%.*} -ge 6 && ${alone%.*} -le 4 ]] || status=1
done
exit $status
