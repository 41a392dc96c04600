import { randomUUID } from 'node:crypto';
import type { KV, NatsConnection } from 'nats';
import { NatsError } from 'nats';
import { BrokerRefusedError, errorText } from '../../model/errors';

/** JetStream's code for "no such stream". */
const STREAM_NOT_FOUND = 10059;

/** The kinds of objects that the ledger keeps records of. */
export type LedgerKind = 'station' | 'schema' | 'enforcement';

/** What records are about: objects, and stations whose replacement has begun. */
export type LedgerSubject = LedgerKind | 'replacement';

/** Who made an object, and whether its creation came to an end. */
export interface LedgerRecord {
  /** Project, stack and construct path of the declaration. */
  readonly owner: string;
  readonly state: 'pending' | 'complete';
  /** The broker's own id of the object; absent while the creation is pending. */
  readonly uid?: string;
  /** For a replacement: what was attached to the old station and is not yet put back on the new one. */
  readonly attachments?: LedgerAttachments;
}

/** What goes with a station when it is removed. */
export interface LedgerAttachments {
  readonly tags: readonly string[];
  readonly deadLetterSources: readonly string[];
}

/**
 * Who owns what, kept on the broker itself, so that a run that finds an object there can tell its own unfinished work
 * from somebody else's. It is a KV bucket: made from a native connection it is invisible to Memphis, and an upper-case
 * name can never collide with a station. Never stream metadata: that would break the broker's own repair of streams.
 */
export interface Ledger {
  /** The identity of the broker; undefined while nothing was ever deployed on it. */
  brokerId(): Promise<string | undefined>;
  /** The identity of the broker, made now if it has none; it is kept for the broker's life. */
  ensureBrokerId(): Promise<string>;
  read(kind: LedgerSubject, name: string): Promise<LedgerRecord | undefined>;
  /** All records of a kind by name, in one pass. */
  list(kind: LedgerSubject): Promise<ReadonlyMap<string, LedgerRecord>>;
  write(kind: LedgerSubject, name: string, record: LedgerRecord): Promise<void>;
  /** Does nothing when there is no record. */
  remove(kind: LedgerSubject, name: string): Promise<void>;
}

const BUCKET = 'CDKTF_MEMPHIS';
const BROKER_KEY = 'broker';
const LIST_TIMEOUT_MS = 10_000;

/** The ledger as a KV bucket. It comes into being with the first write: planning never changes a broker. */
export class KvLedger implements Ledger {
  private bucket: Promise<KV | undefined> | undefined;

  constructor(
    private readonly nats: NatsConnection,
    /** How many servers keep the ledger: as many as can. */
    private readonly replicas: number,
  ) {}

  brokerId(): Promise<string | undefined> {
    return this.reading('read the identity of the broker', undefined, async (kv) =>
      (await kv.get(BROKER_KEY))?.string(),
    );
  }

  ensureBrokerId(): Promise<string> {
    return this.writing('record the identity of the broker', identify);
  }

  read(kind: LedgerSubject, name: string): Promise<LedgerRecord | undefined> {
    return this.reading(`read the owner of ${kind} "${name}"`, undefined, async (kv) => {
      const entry = await kv.get(keyOf(kind, name));
      return entry?.operation === 'PUT' ? entry.json<LedgerRecord>() : undefined;
    });
  }

  list(kind: LedgerSubject): Promise<ReadonlyMap<string, LedgerRecord>> {
    return this.reading<ReadonlyMap<string, LedgerRecord>>(
      `read the owners of all objects of kind ${kind}`,
      new Map(),
      (kv) => listRecords(kv, kind),
    );
  }

  write(kind: LedgerSubject, name: string, record: LedgerRecord): Promise<void> {
    return this.writing(`record the owner of ${kind} "${name}"`, async (kv) => {
      await kv.put(keyOf(kind, name), JSON.stringify(record));
    });
  }

  remove(kind: LedgerSubject, name: string): Promise<void> {
    return this.reading(`remove the record of ${kind} "${name}"`, undefined, (kv) =>
      kv.purge(keyOf(kind, name)),
    );
  }

  /** Without a bucket there is nothing to read. */
  private async reading<T>(attempted: string, empty: T, action: (kv: KV) => Promise<T>): Promise<T> {
    try {
      this.bucket ??= this.open();
      const kv = await this.bucket;
      if (kv === undefined) this.bucket = undefined;
      return kv === undefined ? empty : await action(kv);
    } catch (error) {
      throw this.failure(attempted, error);
    }
  }

  private async writing<T>(attempted: string, action: (kv: KV) => Promise<T>): Promise<T> {
    try {
      const kv =
        (await this.bucket) ??
        (await this.nats.jetstream().views.kv(BUCKET, { history: 1, replicas: this.replicas }));
      this.bucket = Promise.resolve(kv);
      return await action(kv);
    } catch (error) {
      throw this.failure(attempted, error);
    }
  }

  private async open(): Promise<KV | undefined> {
    const manager = await this.nats.jetstreamManager();
    try {
      await manager.streams.info(`KV_${BUCKET}`);
    } catch (error) {
      if (error instanceof NatsError && error.api_error?.err_code === STREAM_NOT_FOUND) return undefined;
      throw error;
    }
    return this.nats.jetstream().views.kv(BUCKET, { bindOnly: true });
  }

  private failure(attempted: string, error: unknown): Error {
    this.bucket = undefined;
    return new BrokerRefusedError({
      attempted,
      found: errorText(error),
      next: `The ledger is the KV bucket ${BUCKET} on the broker; the user must be allowed to create and write it (root is)`,
      cause: error,
    });
  }
}

async function listRecords(kv: KV, kind: LedgerSubject): Promise<ReadonlyMap<string, LedgerRecord>> {
  const records = new Map<string, LedgerRecord>();
  const prefix = `${kind}.`;
  // The client can say that it has everything before it hands over the iterator.
  let isComplete = false;
  let stop = (): void => undefined;
  const entries = await kv.watch({
    key: `${prefix}>`,
    ignoreDeletes: true,
    initializedFn: () => {
      isComplete = true;
      stop();
    },
  });
  const timer = setTimeout(() => entries.stop(), LIST_TIMEOUT_MS);
  stop = () => entries.stop();
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- set by the callback above
  if (isComplete) stop();
  for await (const entry of entries) {
    // The client leaves out what was deleted, but not what was purged.
    if (entry.operation === 'PUT') records.set(entry.key.slice(prefix.length), entry.json<LedgerRecord>());
  }
  clearTimeout(timer);
  return records;
}

async function identify(kv: KV): Promise<string> {
  const known = await kv.get(BROKER_KEY);
  if (known !== null) return known.string();
  const id = randomUUID();
  try {
    await kv.create(BROKER_KEY, id);
    return id;
  } catch (error) {
    // Another run made it at the same time.
    const made = await kv.get(BROKER_KEY);
    if (made !== null) return made.string();
    throw error;
  }
}

/** Names have no characters that a key may not have, and are the same in upper and lower case. */
function keyOf(kind: LedgerSubject, name: string): string {
  return `${kind}.${name.toLowerCase()}`;
}
