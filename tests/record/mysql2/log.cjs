// Writes the errors of make.cjs as four loggers print them: OUTDIR/{nest,pino,winston,console}.log.
const { writeFileSync } = require('fs')
const { Writable } = require('stream')
const { ConsoleLogger } = require('@nestjs/common')
const pino = require('pino')
const winston = require('winston')
const make = require('./make.cjs')

const out = process.argv[2]
const write = (name, text) => writeFileSync(`${out}/${name}.log`, text.split(__dirname + '/').join('/srv/shop/'))

// The text that `print` writes to the console.
function printed(print) {
  const { write: normal } = process.stdout
  const { write: errors } = process.stderr
  let text = ''
  process.stdout.write = process.stderr.write = (part) => {
    text += part
    return true
  }
  print()
  process.stdout.write = normal
  process.stderr.write = errors
  return text
}

async function main() {
  const made = await make()
  const nest = new ConsoleLogger({ colors: false })
  write('nest', printed(() => made.forEach(([, error]) => nest.error(error.message, error.stack, 'AllExceptions'))))
  write('console', printed(() => made.forEach(([, error]) => console.error(error))))
  let lines = ''
  const logger = pino({}, { write: (line) => (lines += line) })
  made.forEach(([, error]) => logger.error(error, 'request failed'))
  write('pino', lines)
  lines = ''
  const stream = new Writable({
    write(chunk, _, done) {
      lines += chunk
      done()
    },
  })
  const { combine, errors, json, timestamp } = winston.format
  const other = winston.createLogger({
    format: combine(errors({ stack: true }), timestamp(), json()),
    transports: [new winston.transports.Stream({ stream })],
  })
  made.forEach(([, error]) => other.error(error))
  await new Promise((done) => setTimeout(done, 200))
  write('winston', lines)
  for (const [name, error] of made) console.log(name.padEnd(24), error.code, error.errno, error.message.slice(0, 80))
  process.exit(0)
}

main()
