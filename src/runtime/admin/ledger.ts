import { randomUUID } from 'node:crypto';
import type { KV, NatsConnection } from 'nats';
import { BrokerRefusedError, errorText } from '../../model/errors';

/** The kinds of objects that the ledger keeps records of. */
export type LedgerKind = 'station' | 'schema' | 'enforcement';

/** Who made an object, and whether its creation came to an end. */
export interface LedgerRecord {
  /** Project, stack and construct path of the declaration. */
  readonly owner: string;
  readonly state: 'pending' | 'complete';
  /** The broker's own id of the object; absent while the creation is pending. */
  readonly uid?: string;
}

/**
 * Who owns what, kept on the broker itself, so that a run that finds an object there can tell its own unfinished work
 * from somebody else's. It is a KV bucket: made from a native connection it is invisible to Memphis, and an upper-case
 * name can never collide with a station. Never stream metadata: that would break the broker's own repair of streams.
 */
export interface Ledger {
  /** The identity of the broker, made once and kept for its life. */
  brokerId(): Promise<string>;
  read(kind: LedgerKind, name: string): Promise<LedgerRecord | undefined>;
  write(kind: LedgerKind, name: string, record: LedgerRecord): Promise<void>;
  /** Does nothing when there is no record. */
  remove(kind: LedgerKind, name: string): Promise<void>;
}

const BUCKET = 'CDKTF_MEMPHIS';
const BROKER_KEY = 'broker';

export class KvLedger implements Ledger {
  private bucket: Promise<KV> | undefined;
  private id: Promise<string> | undefined;

  constructor(
    private readonly nats: NatsConnection,
    /** How many servers keep the ledger: as many as can. */
    private readonly replicas: number,
  ) {}

  brokerId(): Promise<string> {
    this.id ??= this.attempt('read the identity of the broker', (kv) => identify(kv));
    return this.id;
  }

  read(kind: LedgerKind, name: string): Promise<LedgerRecord | undefined> {
    return this.attempt(`read the owner of ${kind} "${name}"`, async (kv) => {
      const entry = await kv.get(keyOf(kind, name));
      return entry?.operation === 'PUT' ? entry.json<LedgerRecord>() : undefined;
    });
  }

  write(kind: LedgerKind, name: string, record: LedgerRecord): Promise<void> {
    return this.attempt(`record the owner of ${kind} "${name}"`, async (kv) => {
      await kv.put(keyOf(kind, name), JSON.stringify(record));
    });
  }

  remove(kind: LedgerKind, name: string): Promise<void> {
    return this.attempt(`remove the record of ${kind} "${name}"`, (kv) => kv.purge(keyOf(kind, name)));
  }

  private async attempt<T>(attempted: string, action: (kv: KV) => Promise<T>): Promise<T> {
    try {
      this.bucket ??= this.nats.jetstream().views.kv(BUCKET, { history: 1, replicas: this.replicas });
      return await action(await this.bucket);
    } catch (error) {
      this.bucket = undefined;
      throw new BrokerRefusedError({
        attempted,
        found: errorText(error),
        next: `The ledger is the KV bucket ${BUCKET} on the broker; the user must be allowed to create and write it (root is)`,
        cause: error,
      });
    }
  }
}

async function identify(kv: KV): Promise<string> {
  const known = await kv.get(BROKER_KEY);
  if (known !== null) return known.string();
  try {
    const id = randomUUID();
    await kv.create(BROKER_KEY, id);
    return id;
  } catch {
    // Another run made it at the same time.
    const made = await kv.get(BROKER_KEY);
    if (made !== null) return made.string();
    throw new Error('the identity of the broker can neither be made nor read');
  }
}

/** Names have no characters that a key may not have, and are the same in upper and lower case. */
function keyOf(kind: LedgerKind, name: string): string {
  return `${kind}.${name.toLowerCase()}`;
}
