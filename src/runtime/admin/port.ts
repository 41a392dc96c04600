import type { SchemaType } from '../../schema';
import type { ClusterSettings } from '../../model/cluster-config';
import type { CanonicalSchema } from '../../model/schema-declaration';
import type { CanonicalStation, StationRowValues } from '../../model/station';
import type { CanonicalUser, UserRecord } from '../../model/user';
import type { Ledger } from './ledger';
import type { StreamSnapshot } from './stream-snapshots';
import type { StreamConfig, StreamInfo, ConsumerConfig, ConsumerInfo } from '../../model/stream';

/**
 * What the REST API knows of one station that is read by name: who it is, and the fields of the model's table that are
 * read from a row. The enforced schema stands only in the list of all stations.
 */
export interface StationDetails extends StationRowValues {
  readonly id: number;
  /** Numbers of the partitions, counted from 1. */
  readonly partitions: readonly number[];
  /** False for a stream that a plain NATS client made and that Memphis shows as a station. */
  readonly isNative: boolean;
  /** How it was made; only a station that is read by name has it. */
  readonly creation?: StationCreation;
}

/** Who made an object and when, by the clock of the broker. */
export interface Creation {
  readonly by: string;
  readonly at: string;
}

/** The creation of a station, with the settings that the row keeps from it for ever. */
export interface StationCreation extends Creation {
  readonly retentionType: string;
  readonly retentionValue: number;
  /** `disk` or `memory`. */
  readonly storageType: string;
  readonly replicas: number;
  readonly idempotencyWindowMs: number;
}

/** A station as the list of all stations shows it. */
export interface StationRow extends StationDetails {
  /** Empty when no schema is enforced. */
  readonly schemaName: string;
  readonly schemaVersionNumber: number;
  /** When it was made, by the clock of the broker; absent where the broker does not tell. */
  readonly createdAt?: string | undefined;
}

/** One line of the log that the broker keeps of a station: three days of what users did over REST or with an SDK. */
export interface StationHistoryLine {
  /** The broker's own words: `Station orders has been created by root`. */
  readonly what: string;
  /** User name; empty when the broker does not tell. */
  readonly by: string;
  /** RFC 3339; empty when the broker does not tell. */
  readonly at: string;
}

/** Is notified of what happens to streams, and of the times when nobody could notice. */
export interface StreamWatcher {
  changed(stream: string, what: 'created' | 'updated' | 'deleted'): void;
  /** The connection broke; announcements may be missed from now on. */
  lost(): void;
  /** The connection is back. */
  restored(): void;
  /** The connection has been given up, or closed. */
  ended(): void;
}

/** What the list of all stations shows: the newest 5,000 (Memphis 1.4.4). */
export interface StationListing {
  readonly rows: readonly StationRow[];
  /** False when the broker may hold more stations than it shows. */
  readonly isComplete: boolean;
}

/** A schema as it appears in the list of all schemas. */
export interface SchemaRow {
  readonly id: number;
  readonly name: string;
  readonly type: SchemaType;
  readonly activeVersionNumber: number;
}

export interface SchemaVersion {
  readonly versionNumber: number;
  readonly active: boolean;
  readonly content: string;
  readonly messageStructName: string;
  readonly creation?: Creation;
}

/** A schema with all of its versions, the newest first. */
export interface SchemaDetails {
  readonly id: number;
  readonly name: string;
  readonly type: SchemaType;
  readonly versions: readonly SchemaVersion[];
  /** External names of the stations that enforce it. */
  readonly usedStations: readonly string[];
}

/** A user as the list of all users shows it. */
export interface UserRow extends UserRecord {
  readonly id: number;
  readonly creation: Creation;
}

/** A user to be added. */
export type NewUser = CanonicalUser & { readonly password: string };

/** Who wants to log in. */
export interface Login {
  readonly name: string;
  readonly type: 'application' | 'management';
  readonly password: string;
}

/** What was learned about the broker when connecting. */
export interface BrokerFacts {
  /** Where it is, for messages: `127.0.0.1:6666`. */
  readonly address: string;
  /** Where its REST API is, for messages. */
  readonly restAddress: string;
  /** Who this run is at the client port. */
  readonly username: string;
  /** True when clients log in with a connection token, which is the same for all of them. */
  readonly usesToken: boolean;
  /** Who this run is for the REST API. */
  readonly restUsername: string;
  /** Version of the NATS server in it. */
  readonly serverVersion: string;
  /** True for a stock nats-server (a local broker): the INFO of a real Memphis always has `connection_id`. */
  readonly stock: boolean;
  /** True when the REST API is not asked, so that what it alone tells is not known. */
  readonly isWithoutRest?: true;
  /** True when the broker is part of a cluster; a single node must never be sent more than one replica. */
  readonly clustered: boolean;
}

/**
 * Everything the engine does on a broker. Calls are safe to repeat; "not there" on removal counts as done.
 * Every call has a time-out and throws errors of `model/errors.ts`.
 */
export interface Admin {
  readonly facts: BrokerFacts;
  readonly ledger: Ledger;

  /** All partition streams of all stations, in pages of 256. */
  listStreams(): Promise<StreamInfo[]>;
  /** @returns undefined when there is no such stream. */
  readStream(name: string): Promise<StreamInfo | undefined>;
  updateStream(config: StreamConfig): Promise<StreamInfo>;
  /** Makes a partition's stream that is missing; one of the same configuration may be there already. */
  createStream(config: StreamConfig): Promise<StreamInfo>;
  /** Deletes a stream that is not, or not yet, a partition of a station. */
  deleteStream(name: string): Promise<void>;
  /** How many messages a stream holds under each subject. */
  countBySubject(stream: string): Promise<ReadonlyMap<string, number>>;
  /**
   * Stores a snapshot of a stream with its consumers as chunks in another stream, which is empty and whose subject is its
   * name.
   * @throws BrokerRefusedError for a stream in memory
   */
  takeSnapshot(stream: string, into: string): Promise<StreamSnapshot>;
  /** Restores a stream under the name it had; it appears as a whole or not at all. */
  restoreSnapshot(from: string, chunks: number, config: StreamConfig): Promise<StreamInfo>;
  listConsumers(stream: string): Promise<ConsumerInfo[]>;
  /** Makes a consumer group's durable on a stream; one of the same configuration may be there already. */
  createConsumer(stream: string, config: ConsumerConfig): Promise<void>;
  /** Reports what happens to the streams of partitions from now on, as the server announces it. @returns ends it. */
  watchStreams(watcher: StreamWatcher): () => void;

  /**
   * All stations; calls made at the same time share one request that starts after all of them.
   * @throws ProtocolError when the broker may hold more stations than it shows
   */
  listStations(): Promise<readonly StationRow[]>;
  /** The same for reports, which may go on with the part that the broker shows. */
  listNewestStations(): Promise<StationListing>;
  /**
   * Reads one station by name: one request, whatever the number of stations on the broker.
   * @returns undefined when there is no such station.
   */
  readStation(name: string): Promise<StationDetails | undefined>;
  /** @returns the broker's own id of the station. */
  createStation(station: CanonicalStation): Promise<number>;
  /**
   * What the broker recorded about a station, the newest line first. Changes of streams are not among it.
   * @param partition one that the station has
   */
  readStationHistory(name: string, partition: number): Promise<StationHistoryLine[]>;
  removeStation(name: string): Promise<void>;
  setDlsConfiguration(station: string, flags: DlsFlags): Promise<void>;
  attachDlsStation(station: string, dlsStation: string): Promise<void>;
  detachDlsStation(station: string, dlsStation: string): Promise<void>;
  addStationTags(station: string, tags: readonly string[]): Promise<void>;
  removeStationTag(station: string, tag: string): Promise<void>;

  listSchemas(): Promise<SchemaRow[]>;
  /** @returns undefined when there is no such schema. */
  readSchema(name: string): Promise<SchemaDetails | undefined>;
  createSchema(schema: CanonicalSchema): Promise<void>;
  createSchemaVersion(schema: CanonicalSchema): Promise<void>;
  activateSchemaVersion(name: string, versionNumber: number): Promise<void>;
  removeSchema(name: string): Promise<void>;
  /** @returns the name of the schema that the broker says the station enforces now. */
  attachSchema(station: string, schema: string): Promise<string>;
  detachSchema(station: string): Promise<void>;

  /** All users, that of root included; one request. */
  listUsers(): Promise<readonly UserRow[]>;
  /** @throws RestRefusal when there is a user of that name. */
  createUser(user: NewUser): Promise<UserRow>;
  /** Closes the connections of an application user, unless clients log in with a connection token. */
  removeUser(name: string): Promise<void>;
  /** True unless the broker refuses the name or the password. It opens a connection, or a session, and closes it. */
  canLogIn(login: Login): Promise<boolean>;

  /**
   * Whether the client port sees what the REST API asks the stream of a partition for: then both are one broker. One
   * request, until it is known once.
   * @returns undefined when it cannot be told
   */
  canSeeRest(station: string, partition: number): Promise<boolean | undefined>;

  readClusterSettings(): Promise<ClusterSettings>;
  /** Writes all settings. The broker shows them some time later. */
  updateClusterSettings(settings: ClusterSettings): Promise<void>;

  close(): Promise<void>;
}

export interface DlsFlags {
  readonly sendPoisonMsgToDls: boolean;
  readonly sendSchemaFailedMsgToDls: boolean;
}
