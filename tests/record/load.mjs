// Makes samples/load from a run of k6 (spike/before-1 of the shared recordings):
//
//   node tests/record/load.mjs FOLDER samples/load
//
// k6.json.gz     its k6.json.gz without the metrics that no timeline needs
// dashboard.csv  what a dashboard would export of it: a row every five seconds
import { readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'

const [from, to] = process.argv.slice(2)
const kept = /"metric":"(http_req_duration|http_req_failed|vus)"/
const lines = gunzipSync(readFileSync(`${from}/k6.json.gz`)).toString().trimEnd().split('\n')
writeFileSync(`${to}/k6.json.gz`, gzipSync(lines.filter((line) => kept.test(line)).join('\n') + '\n', { level: 9 }))

const SECONDS = 5
const rows = new Map()
for (const { type, metric, data } of lines.map((line) => JSON.parse(line))) {
  if (type !== 'Point') continue
  const at = Math.floor(Date.parse(data.time) / 1000 / SECONDS) * SECONDS
  if (!rows.has(at)) rows.set(at, { durations: [], failed: 0, vus: 0, received: 0 })
  const row = rows.get(at)
  if (metric === 'http_req_duration') row.durations.push(data.value)
  if (metric === 'http_req_failed') row.failed += data.value
  if (metric === 'vus') row.vus = data.value
  if (metric === 'data_received') row.received += data.value
}
const table = ['"Time","throughput","vus","p50","p95","p99","errors","NetworkOut"']
for (const [at, { durations, failed, vus, received }] of [...rows].sort(([a], [b]) => a - b)) {
  durations.sort((a, b) => a - b)
  const quantile = (q) => (durations[Math.ceil(q * durations.length) - 1] ?? NaN).toFixed(1)
  const time = new Date(at * 1000).toISOString().replace('T', ' ').slice(0, 19)
  const rate = (count) => (count / SECONDS).toFixed(1)
  table.push([time, rate(durations.length), vus, quantile(0.5), quantile(0.95), quantile(0.99), rate(failed), rate(received)].join())
}
writeFileSync(`${to}/dashboard.csv`, table.join('\n') + '\n')
