import { lowerCase } from '../../../model/names';
import type { DeadLetterContents } from '../dead-letters/contents';
import type { Resending } from '../dead-letters/resending';
import type { JetStreamApi } from '../jetstream/api';
import type { ChangeQueue } from '../store/change-queue';
import type { Metadata } from '../store/metadata';
import type { StationRow, TagRow, UserRow } from '../store/rows';
import type { Broadcasts } from './broadcasts';
import type { ServerUsers } from './server-users';

/** What the operations on the broker's objects work with. */
export interface BrokerContext {
  /** How many servers the broker has. */
  readonly nodes: number;
  readonly metadata: Metadata;
  readonly jetstream: JetStreamApi;
  readonly broadcasts: Broadcasts;
  readonly deadLetterContents: DeadLetterContents;
  readonly resending: Resending;
  /** Sends a message that no stream has to take. @throws when it is larger than the server takes. */
  readonly publish: (subject: string, data: Uint8Array, headers?: ReadonlyMap<string, string>) => void;
  /** Every change of metadata or streams goes through it. */
  readonly changes: ChangeQueue;
  /** Tags that are being added, by name. */
  readonly newTags: Map<string, Promise<TagRow>>;
  readonly mode: BrokerMode;
  readonly serverUsers: ServerUsers;
  /** What root logs in to the REST API with. */
  readonly rootPassword: { value: string };
  /** The language of a connected client, as Memphis calls it; empty when it is not known. */
  readonly sdkOf: (connectionId: string) => string;
  /** One line for the person who watches the broker. */
  readonly log: (line: string) => void;
}

/** How clients say who they are, and what follows from it. */
interface BrokerMode {
  /** The account that holds everything, as replies call it. */
  readonly tenant: '$memphis' | '$G';
  /** Empty when every client has a user and a password of its own. */
  readonly connectionToken: string;
  /** Answers 500 to stations that are created at once with one new tag, after it made them, as a real broker does. */
  readonly racesForTags: boolean;
  /** Lists the newest 5,000 stations alone, as a real broker does. */
  readonly cutsListings: boolean;
  /** Lets clients log in as a new user only some time after it was added, as a real broker does. */
  readonly admitsUsersLate: boolean;
}

/** The station of that name (any letter case), if there is one. */
export function findStation({ metadata }: BrokerContext, name: string): StationRow | undefined {
  return metadata.stations.find(lowerCase(name));
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
