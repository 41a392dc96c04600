import type { Bucket } from './bucket';
import type { Row } from './rows';

/** Gives every row of every table its number. */
interface IdSource {
  next(): number;
}

/**
 * The rows of one kind: all in memory, every change written to the bucket first.
 * Changes must come one at a time for a row; the broker runs its changes in one queue (see change-queue.ts).
 */
export class Table<Stored extends Row> {
  readonly #byId = new Map<number, Stored>();
  readonly #byKey = new Map<string, Stored>();

  readonly #kind: string;
  readonly #bucket: Bucket;
  readonly #ids: IdSource;
  /** What a row is looked up by; undefined for rows that are only listed. */
  readonly #keyOf: ((row: Stored) => string) | undefined;

  constructor(
    kind: string,
    bucket: Bucket,
    ids: IdSource,

    keyOf?: (row: Stored) => string,
  ) {
    this.#kind = kind;
    this.#bucket = bucket;
    this.#ids = ids;
    this.#keyOf = keyOf;
  }

  /** Takes a row that was read from the bucket. */
  restore(row: Stored): void {
    this.#remember(row);
  }

  /** Oldest first. */
  all(): Stored[] {
    return [...this.#byId.values()];
  }

  get size(): number {
    return this.#byId.size;
  }

  get(id: number): Stored | undefined {
    return this.#byId.get(id);
  }

  find(key: string): Stored | undefined {
    return this.#byKey.get(key);
  }

  async insert(row: Omit<Stored, 'id'>): Promise<Stored> {
    const stored = { ...row, id: this.#ids.next() } as Stored;
    await this.#write(stored);
    return stored;
  }

  /** Changes a row; undefined when it is gone. */
  async update(id: number, change: Partial<Omit<Stored, 'id'>>): Promise<Stored | undefined> {
    const current = this.#byId.get(id);
    if (current === undefined) return undefined;
    const changed = { ...current, ...change };
    await this.#write(changed);
    return changed;
  }

  async remove(id: number): Promise<void> {
    const row = this.#byId.get(id);
    if (row === undefined) return;
    await this.#bucket.remove(`${this.#kind}.${id}`);
    this.#byId.delete(id);
    if (this.#keyOf !== undefined) this.#byKey.delete(this.#keyOf(row));
  }

  async #write(row: Stored): Promise<void> {
    await this.#bucket.put(`${this.#kind}.${row.id}`, JSON.stringify(row));
    this.#remember(row);
  }

  #remember(row: Stored): void {
    this.#byId.set(row.id, row);
    if (this.#keyOf !== undefined) this.#byKey.set(this.#keyOf(row), row);
  }
}
