import { Injectable } from "@nestjs/common";
import { DataSource } from "typeorm";
import { Board } from "./board.entity";

declare const setTimeout: any;

@Injectable()
export class BoardsService {
  constructor(private readonly db: DataSource) {}

  // Holds a connection, as a slow query does.
  list(seconds: number) {
    return this.db.query("SELECT SLEEP(?)", [seconds]);
  }

  async add(title: string) {
    return this.db.getRepository(Board).insert({ title });
  }

  async broken() {
    return this.db.query("SELECT `id`\nFROM `board`\nWHERE `writer_id` = ? ODER 1", [4242]);
  }

  // A connection given back twice: it is destroyed in between.
  async closed() {
    const connection = await this.pool("getConnection");
    connection.destroy();
    await new Promise((done) => setTimeout(done, 20));
    return new Promise((done, fail) =>
      connection.query("SELECT 1", (error: unknown, rows: unknown) => (error ? fail(error) : done(rows))),
    );
  }

  // The database ends a connection while it is at work.
  async lost() {
    const runner = this.db.createQueryRunner();
    await runner.connect();
    const [{ id }] = await runner.query("SELECT CONNECTION_ID() AS id");
    const sleeping = runner.query("SELECT SLEEP(5)");
    await this.db.query(`KILL ${id}`);
    return sleeping.finally(() => runner.release());
  }

  async ended() {
    await this.pool("end");
    return this.db.query("SELECT 1");
  }

  async missing(id: number) {
    const board: any = await this.db.getRepository(Board).findOneBy({ id });
    return board.title.length;
  }

  async caused(id: number) {
    try {
      return await this.missing(id);
    } catch (cause) {
      throw new Error(`board ${id} cannot be shown`, { cause });
    }
  }

  private pool(method: string): Promise<any> {
    const pool = (this.db.driver as any).pool;
    return new Promise((done, fail) =>
      pool[method]((error: unknown, value: unknown) => (error ? fail(error) : done(value))),
    );
  }
}
