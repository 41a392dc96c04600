import { randomUUID } from 'node:crypto';
import type { NatsConnection } from 'nats';
import { ProtocolError } from '../../model/errors';
import type { KindName } from '../../model/kinds';
import { externalName } from '../../model/names';
import type { StreamConfig } from '../../model/stream';
import {
  anything,
  count,
  listOf,
  nonEmptyText,
  object,
  oneOf,
  optional,
  parsed,
  text,
} from '../connection/shape';
import type { Entry } from './ledger-bucket';
import { LedgerBucket } from './ledger-bucket';
import { LedgerConflictError } from './ledger-conflict';

/** The kinds of objects that the ledger keeps records of. */
export type LedgerKind = KindName;

/** What records are about: objects, and stations whose replacement has begun. */
export type LedgerSubject = LedgerKind | 'replacement';

/** Who made an object, and whether its creation came to an end. */
export interface LedgerRecord {
  /** Project, stack and construct path of the declaration. */
  readonly owner: string;
  readonly state: 'pending' | 'complete';
  /** The broker's own id of the object; absent while the creation is pending. */
  readonly uid?: string;
  /** What a pending creation asked for, so that the object it created can be distinguished from any other of that name. */
  readonly request?: LedgerRequest;
  /** When the broker stored a record with a request, by its own clock. Set by reading alone. */
  readonly storedAt?: string;
  /** For a replacement: what was attached to the old station and is not yet put back on the new one. */
  readonly attachments?: LedgerAttachments;
  /** For a replacement that carries messages: how far it has come. */
  readonly carry?: LedgerCarry;
}

/** A carry of messages from a station into the one that replaces it. */
export interface LedgerCarry {
  /** `copying`: the old station is complete. `copied`: the copies are. `returned`: the new station is. */
  readonly phase: 'copying' | 'copied' | 'returned';
  readonly method: 'sources' | 'snapshot';
  /** The new station as it was declared, in canonical form. */
  readonly station: Readonly<Record<string, unknown>> & {
    readonly name: string;
    readonly partitionsNumber: number;
  };
  /** The schema that the old station enforces; empty when there is none. */
  readonly schemaName: string;
  /** How many partitions the old station has. */
  readonly partitions: number;
  /** What the frozen old partitions hold; empty until they are copied. */
  readonly frozen: readonly LedgerFrozen[];
  /** The configuration of an old partition, which its snapshot is restored with. */
  readonly config?: StreamConfig;
}

/** What a frozen partition held when it was copied. */
export interface LedgerFrozen {
  readonly partition: number;
  readonly messages: number;
  readonly lastSequence: number;
  /** Chunks of its snapshot; 0 when its messages are copied by a stream. */
  readonly chunks: number;
}

/** The request of a creation. */
export interface LedgerRequest {
  /** The user of the REST API that sent it. */
  readonly by: string;
  /** A digest of the settings in it. */
  readonly settings: string;
}

/** What goes with a station when it is removed. */
export interface LedgerAttachments {
  readonly tags: readonly string[];
  readonly deadLetterSources: readonly string[];
}

/**
 * Who owns what, kept on the broker itself, so that a run that finds an object there can distinguish its own unfinished work
 * from objects managed elsewhere. It is a KV bucket: made from a native connection it is invisible to Memphis, and an upper-case
 * name can never collide with a station. Never stream metadata: that would break the broker's own repair of streams.
 *
 * Several runs may use it at once. A ledger remembers the revision of each record that it read or wrote, and changes
 * only that revision. So read a record before deciding on it: what another run writes meanwhile is then never lost.
 */
export interface Ledger {
  /** The identity of the broker; undefined while nothing was ever deployed on it. One request. */
  brokerId(): Promise<string | undefined>;
  /** The identity of the broker, created now if it has none; it is kept for the broker's life. One request, four if it has none. */
  ensureBrokerId(): Promise<string>;
  /** One request. */
  read(kind: LedgerSubject, name: string): Promise<LedgerRecord | undefined>;
  /**
   * All records of a kind by name. One request, and one message for each record.
   * @throws TimeoutError, ProtocolError when not all of them came.
   */
  list(kind: LedgerSubject): Promise<ReadonlyMap<string, LedgerRecord>>;
  /**
   * Writes a record. One request; three for the first write to a broker, and two more for each conflict.
   *
   * When another run has changed the record since this one read or wrote it, the write still replaces a record of the
   * same owner, and a complete record replaces a pending one: the object is there, so the other run did not make it. A
   * pending record never replaces a complete one: another run of the same declaration has created the object meanwhile.
   * @throws LedgerConflictError when the record is now another owner's, or complete.
   */
  write(kind: LedgerSubject, name: string, record: LedgerRecord): Promise<void>;
  /**
   * Removes a record, as this run read or wrote it: one that another run has written since stays. Does nothing when there
   * is none. One request; two when `owner` is given and the record was not read before, none when there is nothing to
   * remove.
   * @param owner leaves the record when it is another owner's.
   * @returns true when a record was removed
   */
  remove(kind: LedgerSubject, name: string, owner?: string): Promise<boolean>;
}

const BROKER_KEY = 'broker';

/** How often a write is tried while other runs change the same record. */
const MOST_WRITES = 5;

const recordShape = object({
  owner: text,
  state: oneOf('pending', 'complete'),
  uid: optional(nonEmptyText),
  request: optional(object({ by: text, settings: nonEmptyText })),
  attachments: optional(object({ tags: listOf(text), deadLetterSources: listOf(text) })),
  carry: optional(
    object({
      phase: oneOf('copying', 'copied', 'returned'),
      method: oneOf('sources', 'snapshot'),
      station: object({ name: nonEmptyText, partitionsNumber: count }),
      schemaName: text,
      partitions: count,
      frozen: listOf(object({ partition: count, messages: count, lastSequence: count, chunks: count })),
      config: optional(anything),
    }),
  ),
});

/** A record as this run knows it. */
interface KnownRecord {
  readonly revision: number;
  readonly record: LedgerRecord | undefined;
}

/** The ledger as a KV bucket. It comes into being with the first write: planning never changes a broker. */
export class KvLedger implements Ledger {
  readonly #bucket: LedgerBucket;
  readonly #known = new Map<string, KnownRecord>();

  constructor(
    nats: NatsConnection,
    /** How many servers keep the ledger: as many as can. */
    replicas: number,
    listTimeoutMs?: number,
  ) {
    this.#bucket = new LedgerBucket(nats, replicas, listTimeoutMs);
  }

  async brokerId(): Promise<string | undefined> {
    const attempted = 'read the identity of the broker';
    return brokerIdIn(await this.#bucket.read(BROKER_KEY, attempted), attempted);
  }

  async ensureBrokerId(): Promise<string> {
    const attempted = 'record the identity of the broker';
    const entry = await this.#bucket.read(BROKER_KEY, attempted);
    const id = brokerIdIn(entry, attempted);
    if (id !== undefined) return id;
    const made = randomUUID();
    if ((await this.#bucket.write(BROKER_KEY, made, entry.revision, attempted)) !== undefined) return made;
    // Another run made it at the same time.
    return this.ensureBrokerId();
  }

  async read(kind: LedgerSubject, name: string): Promise<LedgerRecord | undefined> {
    const attempted = `read the owner of ${kind} "${name}"`;
    const key = keyOf(kind, name);
    return this.#learn(key, await this.#bucket.read(key, attempted), kind, name, attempted);
  }

  async list(kind: LedgerSubject): Promise<ReadonlyMap<string, LedgerRecord>> {
    const attempted = `read the owners of all objects of kind ${kind}`;
    const records = new Map<string, LedgerRecord>();
    for (const [rest, entry] of await this.#bucket.list(kind, attempted)) {
      const name = nameIn(rest, attempted);
      const record = this.#learn(`${kind}.${rest}`, entry, kind, name, attempted);
      if (record !== undefined) records.set(name, record);
    }
    return records;
  }

  async write(kind: LedgerSubject, name: string, record: LedgerRecord): Promise<void> {
    const key = keyOf(kind, name);
    const isCreation = record.state === 'pending' && kind !== 'replacement';
    const attempted = isCreation ? `create ${kind} "${name}"` : `record the owner of ${kind} "${name}"`;
    for (let writes = 1; ; writes += 1) {
      const expected = this.#known.get(key)?.revision;
      // Until the answer comes nobody knows what stands there.
      this.#known.delete(key);
      const revision = await this.#bucket.write(key, JSON.stringify(record), expected, attempted);
      if (revision !== undefined) {
        this.#known.set(key, { revision, record });
        return;
      }
      const found = await this.read(kind, name);
      if (found !== undefined && !mayReplace(record, found))
        throw new LedgerConflictError(attempted, found.owner);
      if (writes === MOST_WRITES)
        throw new LedgerConflictError(attempted, found?.owner ?? 'another declaration');
    }
  }

  async remove(kind: LedgerSubject, name: string, owner?: string): Promise<boolean> {
    const key = keyOf(kind, name);
    if (owner !== undefined && !this.#known.has(key)) await this.read(kind, name);
    const known = this.#known.get(key);
    if (known !== undefined && known.record === undefined) return false;
    if (owner !== undefined && known?.record?.owner !== owner) return false;
    this.#known.delete(key);
    // What another run has written meanwhile is its own.
    const attempted = `remove the record of ${kind} "${name}"`;
    const revision = await this.#bucket.purge(key, known?.revision, attempted);
    if (revision !== undefined) this.#known.set(key, { revision, record: undefined });
    return revision !== undefined;
  }

  #learn(
    key: string,
    { revision, value, storedAt }: Entry,
    kind: LedgerSubject,
    name: string,
    attempted: string,
  ): LedgerRecord | undefined {
    const origin = { attempted, from: `the ledger's record of ${kind} "${name}"` };
    const stored = value === undefined ? undefined : (parsed(value, recordShape, origin) as LedgerRecord);
    const isRequest = stored?.request !== undefined && storedAt !== undefined;
    const record = isRequest ? { ...stored, storedAt } : stored;
    this.#known.set(key, { revision, record });
    return record;
  }
}

function mayReplace(record: LedgerRecord, found: LedgerRecord): boolean {
  if (record.state === 'pending' && found.state === 'complete') return false;
  return found.owner === record.owner || (record.state === 'complete' && found.state === 'pending');
}

function brokerIdIn({ value }: Entry, attempted: string): string | undefined {
  if (value === undefined || /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value)) return value;
  throw new ProtocolError({
    attempted,
    found: "the ledger's record of it is not an id",
    next: 'Run again; if the problem persists, restore the KV bucket CDKTF_MEMPHIS from a backup',
  });
}

/**
 * The key of an object's record. Names are the same in upper and lower case. A part between two dots that is empty, as in
 * `a..b`, becomes `=`, and a character that keys may not have `=` and its bytes in hexadecimal digits.
 */
function keyOf(kind: LedgerSubject, name: string): string {
  const tokens = externalName(name)
    .split('.')
    .map((token) => (token === '' ? '=' : token.replaceAll(/[^a-z0-9_-]+/gu, escaped)));
  return `${kind}.${tokens.join('.')}`;
}

function escaped(characters: string): string {
  return Array.from(Buffer.from(characters), (byte) => `=${byte.toString(16).padStart(2, '0')}`).join('');
}

/** The name in the rest of a key. */
function nameIn(rest: string, attempted: string): string {
  try {
    const tokens = rest.split('.').map((token) => (token === '=' ? '' : token.replaceAll('=', '%')));
    return decodeURIComponent(tokens.join('.'));
  } catch {
    throw new ProtocolError({
      attempted,
      found: `the ledger has a record under the key "${rest}", which stands for no name`,
      next: 'Remove that key from the KV bucket CDKTF_MEMPHIS, and run again',
    });
  }
}
