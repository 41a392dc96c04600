import type { JetStreamApi } from '../jetstream/api';
import type { ChangeQueue } from '../store/change-queue';
import type { Metadata } from '../store/metadata';
import type { StationRow, UserRow } from '../store/rows';
import type { Broadcasts } from './broadcasts';

/** What the operations on the broker's objects work with. */
export interface BrokerContext {
  readonly metadata: Metadata;
  readonly jetstream: JetStreamApi;
  readonly broadcasts: Broadcasts;
  /** Every change of metadata or streams goes through it. */
  readonly changes: ChangeQueue;
  /** The language of a connected client, as Memphis calls it; empty when it is not known. */
  readonly sdkOf: (connectionId: string) => string;
  /** One line for the person who watches the broker. */
  readonly log: (line: string) => void;
}

/** The station of that name (any letter case), if there is one. */
export function findStation({ metadata }: BrokerContext, name: string): StationRow | undefined {
  return metadata.stations.find(name.toLowerCase());
}

/** Adds a line to the history of a station. */
export async function writeAudit(
  { metadata }: BrokerContext,
  stationName: string,
  message: string,
  user: Pick<UserRow, 'id' | 'username'>,
): Promise<void> {
  await metadata.audit.insert({
    stationName,
    message,
    createdBy: user.id,
    createdByUsername: user.username,
    createdAt: now(),
  });
}

/** The time as the database stores it. */
export function now(): string {
  return new Date().toISOString().replace(/\.?0*Z$/, 'Z');
}
