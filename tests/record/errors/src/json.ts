// Errors as pino and winston write them: `node dist/json.js pino|winston`.
import { pino } from "pino";
import { createConnection, createPool } from "mysql2/promise";
import * as winston from "winston";

declare const process: any;

async function load(id: number) {
  const port = Number(process.env.CLOSED_PORT);
  try {
    const connection = await createConnection({ host: "127.0.0.1", port, user: "meals" });
    return await connection.query("SELECT ?", [id]);
  } catch (cause) {
    throw new Error(`board ${id} could not be loaded`, { cause });
  }
}

async function ended() {
  const pool = createPool({ host: "127.0.0.1", port: Number(process.env.CLOSED_PORT) });
  await pool.end();
  return pool.query("SELECT 1");
}

type Log = { info(text: string): void; error(text: string, error?: unknown): void };

const kinds: Record<string, () => Log> = {
  pino() {
    const log = pino({ base: { pid: 4242, hostname: "meals-1" } });
    return {
      info: (text) => log.info(text),
      error: (text, error) => (error ? log.error({ err: error }, text) : log.error(text)),
    };
  },
  winston() {
    const { combine, errors, timestamp, json } = winston.format;
    const format = combine(errors({ stack: true }), timestamp(), json());
    return winston.createLogger({ format, transports: [new winston.transports.Console()] });
  },
};

async function main() {
  const log = kinds[process.argv[2]]();
  log.info("listening on 3000");
  for (const job of [() => load(7), () => load(8), ended, () => Promise.reject(new TypeError("not a board"))]) {
    await job().catch((error: unknown) => log.error("request failed", error));
  }
  log.error("no board left");
  log.info("bye");
}
main();
