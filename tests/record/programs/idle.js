'use strict';
// A mostly waiting HTTP server with its own modest client: idle ticks, and
// socket work that Node does in the poll phase while the VM state says idle.
const http = require('http');
const end = Date.now() + Number(process.env.RECORD_MS || 1200);
const body = Buffer.alloc(256 * 1024, 'spike');
let served = 0;

function render(n) { let h = n | 0; for (let i = 0; i < 120000; i++) h = Math.imul(h ^ i, 16777619); return h; }
const server = http.createServer(function onRequest(req, res) {
  req.resume();
  req.on('end', () => { res.setHeader('x-work', String(render(served++))); res.end(body); });
});
const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });

function ask(port) {
  return new Promise((resolve, reject) => {
    const req = http.request({ port, host: '127.0.0.1', agent, method: 'POST' }, (res) => { res.resume(); res.on('end', resolve); });
    req.on('error', reject);
    req.end(body);
  });
}
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

server.listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  while (Date.now() < end) { await Promise.all([ask(port), ask(port)]); await pause(8); }
  agent.destroy();
  server.close();
});
