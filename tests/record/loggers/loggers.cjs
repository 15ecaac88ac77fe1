// Logs the same errors through one logger: `node loggers.cjs LOGGER [OPTIONS]`.
const [logger, options = '{}'] = process.argv.slice(2);
const full = () => new Error('Queue limit reached.');

const loggers = {
  nest() {
    require('reflect-metadata');
    const { ConsoleLogger } = require('@nestjs/common');
    const log = new ConsoleLogger('Ctx', JSON.parse(options));
    log.log('started');
    log.error(full());
    log.error('Something failed');
    log.error({ msg: 'out of connections', code: 'POOL_QUEUELIMIT' });
    log.error({ msg: 'loading', err: full() });
    log.error('with stack', full().stack);
    log.error({ message: 'in message', code: 5 });
    log.error({ code: 'ER_X' });
    log.warn('slow');
    log.fatal('fatal one');
  },
  nest7() {
    require('reflect-metadata');
    const { Logger } = require('nest7');
    const log = new Logger('Ctx');
    log.log('started');
    log.error('bad');
    log.error('bad with stack', full().stack);
  },
  'nest-winston'() {
    require('reflect-metadata');
    const winston = require('winston');
    const { WinstonModule, utilities } = require('nest-winston');
    const { combine, timestamp, ms } = winston.format;
    const nestLike = utilities.format.nestLike('MyApp', JSON.parse(options));
    const format = combine(timestamp(), ms(), nestLike);
    const log = WinstonModule.createLogger({ transports: [new winston.transports.Console({ format })] });
    log.log('ok', 'Ctx');
    log.error('Exception: Queue limit reached.', full().stack, 'GlobalExceptionFilter');
    log.error(full());
    log.error('bare');
    log.error({ message: 'obj', code: 'X' });
  },
  winston() {
    const winston = require('winston');
    const { combine, errors, timestamp, [options]: last } = winston.format;
    const format = combine(timestamp(), errors({ stack: true }), last());
    const log = winston.createLogger({ format, transports: [new winston.transports.Console()] });
    log.info('up', { port: 3000 });
    log.error(full());
    log.error('while finding', full());
    log.error('bare');
    log.error('meta', { code: 'ER_CON_COUNT_ERROR', id: 5 });
  },
  pino() {
    const log = require('pino')();
    log.info('up');
    log.error(full());
    log.error({ err: full() }, 'while finding');
    log.error('bare');
    log.error({ code: 'ER_X' }, 'obj');
    log.fatal('dead');
  },
};
loggers[logger]();
