import type { NatsConnection } from 'nats';
import { ProtocolError } from '../../model/errors';
import { isJetStreamRefusal, jetStreamCodes } from '../connection/jetstream-requests';
import type { Origin } from '../connection/shape';
import { anything, count, listOf, nonEmptyText, object, optional, parsed, text } from '../connection/shape';
import { adminRequests } from './jetstream';
import { LedgerBucket } from './ledger-bucket';

/** What a smoke test has made on a broker and will remove again. */
export interface SmokeRecord {
  /** Name of the test, for people. */
  readonly test: string;
  /** External names of temporary stations. */
  readonly stations: readonly string[];
  /** Consumer groups of its own on stations that stay. */
  readonly groups: readonly SmokeGroup[];
  /** Streams that stay and may hold messages of the run. */
  readonly streams?: readonly SmokeStream[] | undefined;
  /** How long the run lasts at most, in milliseconds from the writing of the record: nothing later is a message of it. */
  readonly lastsMs?: number | undefined;
  /** The same as a time of the broker's clock, in milliseconds since 1970, once a removal has begun. */
  readonly endsAt?: number | undefined;
}

/** A stream as it was before the first message of a run. */
export interface SmokeStream {
  readonly stream: string;
  /** When it was created; another stream of the name has another time. */
  readonly created: string;
  /** Last sequence that was stored before. */
  readonly after: number;
}

/** A consumer group: its durable consumer on one stream. */
export interface SmokeGroup {
  readonly stream: string;
  readonly durable: string;
}

const recordShape = object({
  test: text,
  stations: listOf(nonEmptyText),
  groups: listOf(object({ stream: nonEmptyText, durable: nonEmptyText })),
  streams: optional(listOf(object({ stream: nonEmptyText, created: nonEmptyText, after: count }))),
  lastsMs: optional(count),
  endsAt: optional(count),
});

const PREFIX = 'smoke';

/**
 * The records of smoke tests that are under way, kept in the ledger's bucket: written before anything is made and erased
 * after everything is removed. What a run left behind is found by its record, and by nothing else.
 */
export class SmokeRecords {
  readonly #bucket: LedgerBucket;
  readonly #nats: NatsConnection;

  constructor(nats: NatsConnection) {
    this.#nats = nats;
    const isClustered = nats.info !== undefined && 'cluster' in nats.info;
    this.#bucket = new LedgerBucket(nats, isClustered ? 3 : 1);
  }

  /** One request; two more on a broker that has no ledger yet. */
  async write(runId: string, record: SmokeRecord): Promise<void> {
    const attempted = `record the smoke test "${record.test}"`;
    await this.#bucket.write(`${PREFIX}.${runId}`, JSON.stringify(record), undefined, attempted);
  }

  /** All records by run that can be read. One request, and one message for each record. */
  async list(): Promise<ReadonlyMap<string, SmokeRecord>> {
    const attempted = 'look for what earlier smoke tests left behind';
    const records = new Map<string, SmokeRecord>();
    for (const [runId, { value }] of await this.#bucket.list(PREFIX, attempted)) {
      if (value === undefined) continue;
      const record = readable(value, { attempted, from: `the record of the smoke test ${runId}` });
      if (record !== undefined) records.set(runId, record);
    }
    return records;
  }

  /** When the record of a run was written, in milliseconds since 1970 by the clock of the broker. One request. */
  async writtenAt(runId: string): Promise<number | undefined> {
    const attempted = `read the record of the smoke test ${runId}`;
    const { storedAt } = await this.#bucket.read(`${PREFIX}.${runId}`, attempted);
    return storedAt === undefined ? undefined : Date.parse(storedAt);
  }

  /** Removes a record without a trace: names of runs never come again, so that marks of removals would pile up. One request. */
  async erase(runId: string): Promise<void> {
    try {
      await adminRequests(this.#nats).request(
        'STREAM.PURGE.KV_CDKTF_MEMPHIS',
        { filter: `$KV.CDKTF_MEMPHIS.${PREFIX}.${runId}` },
        anything,
        { attempted: `remove the record of the smoke test ${runId}` },
      );
    } catch (error) {
      if (!isJetStreamRefusal(error, jetStreamCodes.streamNotFound)) throw error;
    }
  }
}

/** One that cannot be read says of nothing that it may be removed, and must not keep the others from being cleaned up. */
function readable(value: string, origin: Origin): SmokeRecord | undefined {
  try {
    return parsed(value, recordShape, origin);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}
