import type { SchemaType } from '../../schema';
import type { CanonicalStation } from '../../model/station';
import type { Ledger } from './ledger';
import type { StreamConfig, StreamInfo, ConsumerInfo } from './stream';

/** What the REST API knows of one station that is read by name. The enforced schema stands only in the list of all stations. */
export interface StationDetails {
  readonly id: number;
  /** External name. */
  readonly name: string;
  readonly partitions: readonly number[];
  /** False for a stream that a plain NATS client made and that Memphis shows as a station. */
  readonly isNative: boolean;
  readonly sendPoisonMsgToDls: boolean;
  readonly sendSchemaFailedMsgToDls: boolean;
  /** Empty when there is none. */
  readonly dlsStation: string;
  /** Sorted, each once. */
  readonly tags: readonly string[];
}

/** A station as the list of all stations shows it. */
export interface StationRow extends StationDetails {
  /** Empty when no schema is enforced. */
  readonly schemaName: string;
  readonly schemaVersionNumber: number;
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

/** What the engine asks the broker for when it makes a station. */
export interface StationCreation extends Omit<CanonicalStation, 'tags'> {
  /** Empty for the broker's own tag. */
  readonly tags: readonly string[];
}

/** What was learned about the broker when connecting. */
export interface BrokerFacts {
  /** Where it is, for messages: `127.0.0.1:6666`. */
  readonly address: string;
  /** Version of the NATS server in it. */
  readonly serverVersion: string;
  /** True for a stock nats-server (a local broker): the INFO of a real Memphis always has `connection_id`. */
  readonly stock: boolean;
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
  listConsumers(stream: string): Promise<ConsumerInfo[]>;

  /** All stations; calls made at the same time share one request that starts after all of them. */
  listStations(): Promise<StationRow[]>;
  /**
   * Reads one station by name: one request, whatever the number of stations on the broker.
   * @returns undefined when there is no such station.
   */
  readStation(name: string): Promise<StationDetails | undefined>;
  createStation(station: StationCreation): Promise<void>;
  removeStation(name: string): Promise<void>;
  setDlsConfiguration(station: string, flags: DlsFlags): Promise<void>;
  attachDlsStation(station: string, dlsStation: string): Promise<void>;
  detachDlsStation(station: string, dlsStation: string): Promise<void>;
  addStationTags(station: string, tags: readonly string[]): Promise<void>;
  removeStationTag(station: string, tag: string): Promise<void>;

  listSchemas(): Promise<SchemaRow[]>;
  /** @returns undefined when there is no such schema. */
  readSchema(name: string): Promise<SchemaDetails | undefined>;
  createSchema(schema: SchemaCreation): Promise<void>;
  createSchemaVersion(schema: SchemaCreation): Promise<void>;
  activateSchemaVersion(name: string, versionNumber: number): Promise<void>;
  removeSchema(name: string): Promise<void>;
  attachSchema(station: string, schema: string): Promise<void>;
  detachSchema(station: string): Promise<void>;

  close(): Promise<void>;
}

export interface DlsFlags {
  readonly sendPoisonMsgToDls: boolean;
  readonly sendSchemaFailedMsgToDls: boolean;
}

export interface SchemaCreation {
  readonly name: string;
  readonly type: SchemaType;
  readonly content: string;
  /** Empty for types other than protobuf. */
  readonly messageStructName: string;
}
