// A server whose load is known: it fails, stalls and resets connections on request, and counts
// what it did, second by second.
//
//   node faulty.mjs        prints its port
//
// GET /?ms=20            an answer after 20 ms
//   &slow=8x400          every 8th answer takes 400 ms
//   &bad=10              every 10th answer has status 500
//   &reset=20            every 20th request has its connection reset
//   &stall=3-5           nothing is answered from second 3 to second 5 of the test
// GET /_start            forgets all counts
// GET /_counts           JSON: answers, bad answers, resets, durations, answers a second, and the
//                        milliseconds from the first request to each answer
import { createServer } from 'node:http'

let counts
const start = () => {
  counts = { first: 0, last: 0, answered: 0, bad: 0, reset: 0, ms: [], at: [], seconds: {} }
}
start()
const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? null
const report = () => {
  const sorted = counts.ms.toSorted((a, b) => a - b)
  const { first, last, answered, bad, reset, seconds, at } = counts
  return { first, last, at, answered, bad, reset, seconds, p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95), p99: quantile(sorted, 0.99) }
}
let arrived = 0
const server = createServer((req, res) => {
  const url = new URL(req.url, 'http://localhost')
  if (url.pathname === '/_start') return start(), (arrived = 0), res.end()
  if (url.pathname === '/_counts') return res.end(JSON.stringify(report()))
  const option = (name) => url.searchParams.get(name)
  const began = performance.now()
  const mine = counts
  mine.first ||= Date.now()
  arrived += 1
  const number = arrived
  const every = (name) => option(name) && number % Number(option(name)) === 0
  const [often, slowly] = (option('slow') ?? '0x0').split('x').map(Number)
  const ms = often && number % often === 0 ? slowly : Number(option('ms') ?? 20)
  const finish = () => {
    const [from, to] = (option('stall') ?? '0-0').split('-').map((s) => mine.first + 1000 * Number(s))
    if (Date.now() >= from && Date.now() < to) return setTimeout(finish, to - Date.now())
    if (every('reset')) {
      mine.reset += 1
      return req.socket.resetAndDestroy()
    }
    const bad = every('bad')
    mine.bad += bad ? 1 : 0
    mine.answered += 1
    mine.ms.push(performance.now() - began)
    mine.at.push(Date.now() - mine.first)
    const second = Math.floor(Date.now() / 1000)
    mine.seconds[second] = (mine.seconds[second] ?? 0) + 1
    mine.last = Date.now()
    res.writeHead(bad ? 500 : 200).end('ok')
  }
  setTimeout(finish, ms)
})
server.listen(0, '127.0.0.1', function () {
  console.log(this.address().port)
})
