import checksum, { digestOf, spread, type Digest } from './hash';

/** A decorator that wraps the method, as Nest's interceptors do. */
function Counted(_target: object, _key: string, descriptor: PropertyDescriptor): void {
  const original = descriptor.value as (...args: unknown[]) => unknown;
  let calls = 0;
  descriptor.value = function countedCall(this: unknown, ...args: unknown[]): unknown {
    calls++;
    return original.apply(this, args);
  };
}

interface Board {
  id: number;
  scores: number[];
}

abstract class Repository<T> {
  protected rows: T[] = [];

  constructor(count: number, make: (id: number) => T) {
    for (let id = 0; id < count; id++) this.rows.push(make(id));
  }

  findAll(accept: (row: T) => boolean): T[] {
    return this.rows.filter((row) => accept(row));
  }
}

export class BoardsService extends Repository<Board> {
  private readonly salt = 17;
  #secret = 23;

  static create(count: number): BoardsService {
    return new BoardsService(count);
  }

  constructor(count: number) {
    super(count, (id) => ({ id, scores: [...spread(20)].map((score) => score + id) }));
  }

  get heaviest(): number {
    let most = 0;
    for (const board of this.rows)
      for (const score of board.scores)
        for (let bit = 0; bit < 96; bit++) most = Math.max(most, (score >>> bit) & 0xff);
    return most;
  }

  #weigh(board: Board): number {
    let weight = this.#secret;
    for (let i = 0; i < 200; i++)
      for (const score of board.scores) weight = (weight * 33 + score) | 0;
    return weight;
  }

  @Counted
  rankBoards(limit: number): Board[] {
    const ranked = this.findAll((board) => this.#weigh(board) !== 0);
    return ranked.sort((left, right) => checksum(left.scores) - checksum(right.scores)).slice(0, limit);
  }

  async digestAll(): Promise<Digest[]> {
    const digests: Digest[] = [];
    for (const board of this.rows) {
      digests.push(digestOf(board.scores, this.salt));
      await null;
    }
    return digests;
  }
}
