// Makes the errors of pools and connections with mysql2 and TypeORM against a MariaDB at
// 127.0.0.1:34406, and against servers made with mysql2 for what only MySQL 8 sends
// (3024, 4031, 1129). Gives a list of [name, error].
require('reflect-metadata')
const mysql = require('mysql2'), mp = require('mysql2/promise'), { DataSource } = require('typeorm'), net = require('net')
const port = 34406, base = { host: '127.0.0.1', port, user: 'shop', password: 'shop', database: 'shop' }
const sleep = (ms) => new Promise((r) => setTimeout(r, ms))
const out = []
async function get(name, f) { try { await f(); out.push([name, new Error('NOTHING ' + name)]) } catch (e) { out.push([name, e]) } }
async function source(extra, f) { const d = new DataSource({ type: 'mysql', ...base, username: 'shop', ...extra }); await d.initialize(); try { await f(d) } finally { try { await d.destroy() } catch {} } }
async function fake(code, message, f) {
  const server = mysql.createServer()
  server.on('connection', (c) => {
    c.serverHandshake({ protocolVersion: 10, serverVersion: '8.0.36', connectionId: 1, statusFlags: 2, characterSet: 33, capabilityFlags: 0xffffff & ~2048 })
    c.on('query', () => { if (code) c.writeError({ code, message }); else c.close() })
    c.on('error', () => {})
  })
  await new Promise((r) => server.listen(34407, '127.0.0.1', r))
  try { await f({ ...base, port: 34407 }) } finally { server._server.close() }
}
module.exports = async () => {
  await get('queue', () => source({ extra: { connectionLimit: 1, queueLimit: 1 } }, (d) => Promise.all([1, 2, 3].map(() => d.query('select sleep(0.2)')))))
  await get('queue-mysql2', async () => { const p = mp.createPool({ ...base, connectionLimit: 1, queueLimit: 1 }); try { await Promise.all([1, 2, 3].map(() => p.query('select sleep(0.2)'))) } finally { await p.end() } })
  await get('nowait', async () => { const p = mp.createPool({ ...base, connectionLimit: 1, waitForConnections: false }); try { await Promise.all([1, 2, 3].map(() => p.query('select sleep(0.2)'))) } finally { await sleep(300); await p.end() } })
  await get('closed-pool', async () => { const p = mp.createPool(base); await p.end(); await p.query('select 1') })
  await get('closed-pool-typeorm', async () => { const d = await new DataSource({ type: 'mysql', ...base, username: 'shop' }).initialize(); d.driver.pool.end(); await sleep(50); await d.query('select 1') })
  await get('destroyed-typeorm', async () => { const d = await new DataSource({ type: 'mysql', ...base, username: 'shop' }).initialize(); await d.destroy(); await d.query('select 1') })
  await get('closed-state', async () => { const c = await mp.createConnection(base); await c.end(); await c.query('select 1') })
  await get('con-count', async () => { const cs = []; try { for (let i = 0; i < 20; i++) cs.push(await mp.createConnection(base)) } finally { for (const c of cs) c.destroy(); await sleep(300) } })
  await get('con-count-typeorm', async () => { const cs = []; try { for (let i = 0; i < 13; i++) { try { cs.push(await mp.createConnection(base)) } catch { break } } await new DataSource({ type: 'mysql', ...base, username: 'shop' }).initialize() } finally { for (const c of cs) c.destroy(); await sleep(300) } })
  await get('user-connections', async () => { const c = await mp.createConnection({ ...base, user: 'few' }); try { await mp.createConnection({ ...base, user: 'few' }) } finally { c.destroy() } })
  await get('user-hour', async () => { const c = await mp.createConnection({ ...base, user: 'hour' }); try { for (let i = 0; i < 4; i++) await c.query('select 1') } finally { c.destroy() } })
  await get('lost', () => fake(0, '', async (b) => { const c = await mp.createConnection(b); await c.query('select 1') }))
  await get('killed', async () => { const c = await mp.createConnection(base), k = await mp.createConnection(base); const [[r]] = await c.query('select connection_id() id'); const q = c.query('select sleep(5)'); q.catch(() => {}); await sleep(100); await k.query('kill ' + r.id); k.destroy(); await q })
  await get('killed-typeorm', () => source({}, async (d) => { const k = await mp.createConnection(base); const qr = d.createQueryRunner(); await qr.connect(); const [r] = await qr.query('select connection_id() id'); const q = qr.query('select sleep(5)'); q.catch(() => {}); await sleep(100); await k.query('kill ' + r.id); k.destroy(); await q }))
  await get('kill-query', async () => { const c = await mp.createConnection(base), k = await mp.createConnection(base); const [[r]] = await c.query('select connection_id() id'); const q = c.query('select count(*) from information_schema.columns a, information_schema.columns b, information_schema.columns c'); q.catch(() => {}); await sleep(100); await k.query('kill query ' + r.id); k.destroy(); try { await q } finally { c.destroy() } })
  await get('refused', () => mp.createConnection({ ...base, port: 1 }))
  await get('refused-localhost', () => mp.createConnection({ ...base, host: 'localhost', port: 1 }))
  await get('refused-typeorm', () => new DataSource({ type: 'mysql', ...base, port: 1, username: 'shop' }).initialize())
  const silent = net.createServer(() => {}); await new Promise((r) => silent.listen(34408, '127.0.0.1', r))
  await get('timedout', () => mp.createConnection({ ...base, port: 34408, connectTimeout: 300 }))
  await get('timedout-typeorm', () => new DataSource({ type: 'mysql', ...base, port: 34408, username: 'shop', connectTimeout: 300 }).initialize())
  silent.close()
  const reset = net.createServer((s) => s.resetAndDestroy()); await new Promise((r) => reset.listen(34409, '127.0.0.1', r))
  await get('reset', () => mp.createConnection({ ...base, port: 34409 }))
  reset.close()
  await get('lock-wait', async () => { const a = await mp.createConnection(base), b = await mp.createConnection(base); try { await a.query('begin'); await a.query('update t set v=1 where id=1'); await b.query('update t set v=2 where id=1') } finally { a.destroy(); b.destroy() } })
  await get('deadlock-typeorm', () => source({}, async (d) => { const a = d.createQueryRunner(), b = d.createQueryRunner(); await a.startTransaction(); await b.startTransaction(); await a.query('update t set v=1 where id=1'); await b.query('update t set v=1 where id=2'); const p = a.query('update t set v=1 where id=2'); p.catch(() => {}); await sleep(50); try { await b.query('update t set v=1 where id=1'); await p } finally { try { await a.rollbackTransaction() } catch {} try { await b.rollbackTransaction() } catch {} ; await a.release(); await b.release() } }))
  await get('statement-time-mariadb', async () => { const c = await mp.createConnection(base); try { await c.query('set max_statement_time=0.1'); await c.query('select count(*) from information_schema.columns a, information_schema.columns b, information_schema.columns c') } finally { c.destroy() } })
  await get('query-timeout-mysql2', async () => { const c = await mp.createConnection(base); try { await c.query({ sql: 'select sleep(2)', timeout: 100 }) } finally { c.destroy() } })
  await get('query-timeout-mysql8', () => fake(3024, 'Query execution was interrupted, maximum statement execution time exceeded', async (b) => { const c = await mp.createConnection(b); try { await c.query('select 1') } finally { c.destroy() } }))
  await get('inactivity', () => fake(4031, 'The client was disconnected by the server because of inactivity. See wait_timeout and interactive_timeout for configuring this behavior.', async (b) => { const c = await mp.createConnection(b); try { await c.query('select 1') } finally { c.destroy() } }))
  await get('wait-timeout', async () => { const c = await mp.createConnection(base); c.on('error', () => {}); await c.query('set wait_timeout=1'); await sleep(2500); await c.query('select 1') })
  await get('released', () => source({}, async (d) => { const q = d.createQueryRunner(); await q.connect(); await q.release(); await q.query('select 1') }))
  await get('stmts', async () => { const c = await mp.createConnection(base); await c.query('set global max_prepared_stmt_count=1'); try { await c.execute('select 1 + ?', [1]); await c.execute('select 2 + ?', [1]) } finally { await c.query('set global max_prepared_stmt_count=16382'); c.destroy() } })
  await get('cluster', async () => { const c = mysql.createPoolCluster(); c.add('A', base); try { await new Promise((y, n) => c.getConnection('B', (e) => (e ? n(e) : y()))) } finally { c.end() } })
  await get('blocked', () => fake(1129, "Host '10.0.0.7' is blocked because of many connection errors; unblock with 'mysqladmin flush-hosts'", async (b) => { const c = await mp.createConnection(b); try { await c.query('select 1') } finally { c.destroy() } }))
  await get('denied', () => mp.createConnection({ ...base, password: 'no' }))
  await get('packet', async () => { const c = await mp.createConnection(base); try { await c.query('select ?', ['x'.repeat(17e6)]).catch((e) => { delete e.sql; throw e }) } finally { c.destroy() } })
  await get('no-table', () => source({}, (d) => d.query('select * from nowhere')))
  await get('duplicate', () => source({}, (d) => d.query('insert into t values (1, 1)')))
  return out
}
