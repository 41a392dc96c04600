/** The metadata of a broker: what Memphis keeps in its database. One type for each kind of row. */

export interface Row {
  readonly id: number;
}

export interface StationRow extends Row {
  /** External name. */
  readonly name: string;
  readonly retentionType: string;
  readonly retentionValue: number;
  readonly storageType: string;
  readonly replicas: number;
  readonly createdBy: number;
  readonly createdByUsername: string;
  readonly createdAt: string;
  readonly schemaName: string;
  readonly schemaVersionNumber: number;
  readonly idempotencyWindowMs: number;
  readonly dlsPoison: boolean;
  readonly dlsSchemaverse: boolean;
  readonly dlsStation: string;
  readonly tieredStorageEnabled: boolean;
  /** false: it stands for a stream that a client of plain NATS made. Such a station has no partitions. */
  readonly isNative?: false;
  /** Partition numbers, from 1. */
  readonly partitions: readonly number[];
  /** Ids of tags, in the order they were attached. */
  readonly tags: readonly number[];
  /** Set before the streams are deleted, so that an interrupted removal is finished at the next start. */
  readonly isBeingRemoved?: true;
}

export interface SchemaVersion extends Row {
  readonly versionNumber: number;
  readonly isActive: boolean;
  readonly createdBy: number;
  readonly createdByUsername: string;
  readonly createdAt: string;
  readonly content: string;
  readonly messageStructName: string;
  /** Base64 of a FileDescriptorSet; empty for other types than protobuf. */
  readonly descriptor: string;
}

export interface SchemaRow extends Row {
  readonly name: string;
  readonly type: string;
  readonly createdByUsername: string;
  /** Oldest first. */
  readonly versions: readonly SchemaVersion[];
  readonly tags: readonly number[];
}

export interface TagRow extends Row {
  readonly name: string;
  readonly color: string;
}

interface ClientRow extends Row {
  readonly name: string;
  readonly stationId: number;
  readonly type: 'application' | 'connector';
  readonly connectionId: string;
  readonly isActive: boolean;
  readonly updatedAt: string;
  readonly sdk: string;
  readonly appId: string;
  /** The protocol version of the client, `req_version`. */
  readonly version: number;
}

export type ProducerRow = ClientRow;

export interface ConsumerRow extends ClientRow {
  /** External name of the group. */
  readonly group: string;
  readonly partitions: readonly number[];
  /** As requested, not as clamped. */
  readonly maxAckTimeMs: number;
  readonly maxMsgDeliveries: number;
  readonly startConsumeFromSequence: number;
  readonly lastMessages: number;
}

/** A message that nobody could process. Its content stands elsewhere, because it may be as large as a message can be. */
export interface DeadLetterRow extends Row {
  readonly stationId: number;
  /** `poison`: given up on by consumer groups. `schema`: refused by its producer. */
  readonly type: 'poison' | 'schema';
  /** Where its content is kept; there is one row for each. */
  readonly contentKey: string;
  /** 0 for a message that no partition ever got. */
  readonly partition: number;
  readonly messageSeq: number;
  /** External names of the groups that gave up. A poison message without groups has been dealt with, and is not shown. */
  readonly groups: readonly string[];
  /** The groups for which the server told of it, also those that have dealt with it: it tells again after every start. */
  readonly toldFor: readonly string[];
  readonly producer: string;
  readonly timeSent: string;
  readonly size: number;
  readonly updatedAt: string;
  readonly validationError: string;
}

export interface UserRow extends Row {
  readonly username: string;
  readonly type: 'root' | 'management' | 'application';
  readonly createdAt: string;
  /** Hashed for management users, encrypted for application users; root has the password the broker was started with. */
  readonly password?: string;
  readonly avatarId?: number;
  readonly fullName?: string;
  readonly team?: string;
  readonly position?: string;
  readonly description?: string;
  readonly owner?: string;
  /** undefined: everything is allowed. */
  readonly permissions?: StationPermissions;
}

/** Patterns of station names. */
interface StationPermissions {
  readonly allowRead: readonly string[];
  readonly allowWrite: readonly string[];
  readonly denyRead: readonly string[];
  readonly denyWrite: readonly string[];
  readonly roleId: number;
}

export interface AuditRow extends Row {
  readonly stationName: string;
  readonly message: string;
  readonly createdBy: number;
  readonly createdByUsername: string;
  readonly createdAt: string;
}

/** What a user changed of the settings that a broker tells about itself; there is one row at most. */
export interface ClusterSettingsRow extends Row {
  readonly dlsRetentionHours: number;
  readonly logsRetentionDays: number;
  readonly gcRetentionHours: number;
  readonly tieredStorageSeconds: number;
  readonly maxMessageMegabytes: number;
  readonly brokerHost: string;
  readonly uiHost: string;
  readonly restGatewayHost: string;
}

/** A value the broker makes up once for each store. */
export interface SecretRow extends Row {
  readonly name: string;
  readonly value: string;
}
