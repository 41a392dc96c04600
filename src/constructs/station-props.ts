import type { Retention } from '../model/retention';
import type { Storage } from '../model/storage';
import type { IResolvable, TerraformMetaArguments } from './framework';
import type { IStation } from './named-object';

/**
 * What makes a station drop messages. The limit belongs to every type but `ACK_BASED`.
 */
export type StationRetention =
  | {
      /**
       * What makes the station drop messages: their age (`MAX_MESSAGE_AGE_SECONDS`), their number (`MESSAGES`), their
       * size (`BYTES`), or their acknowledgement by every consumer group (`ACK_BASED`).
       *
       * Changed in place. A change to `ACK_BASED` drops the messages that every group has acknowledged.
       *
       * @default Retention.MAX_MESSAGE_AGE_SECONDS
       */
      readonly retentionType?: Retention.MAX_MESSAGE_AGE_SECONDS | Retention.MESSAGES | Retention.BYTES;

      /**
       * The limit, in seconds, in messages per partition or in bytes per partition, as `retentionType` says.
       *
       * From 1 to 2147483647, the greatest number that the broker's metadata can hold.
       *
       * Changed in place. A smaller limit drops the messages above it at once, so it needs `allowMessageLoss`.
       *
       * @default 3600
       */
      readonly retentionValue?: number;
    }
  | {
      /** Messages are kept until every consumer group has acknowledged them; there is no limit to give. */
      readonly retentionType: Retention.ACK_BASED;
      readonly retentionValue?: never;
    };

/** Everything about a station except its retention. */
export interface StationSettings extends TerraformMetaArguments {
  /**
   * Name of the station: 1 to 128 characters of a-z 0-9 _ . - that start and end with a letter or digit. Upper and
   * lower case are the same.
   *
   * Changing it replaces the station: the messages of the old one are lost, which needs `allowMessageLoss`.
   */
  readonly name: string;

  /**
   * Whether messages are kept on disk or in memory. Those in memory are gone after a restart of the broker.
   *
   * Changing it replaces the station, which needs `allowMessageLoss` when it holds messages.
   *
   * @default Storage.DISK
   */
  readonly storageType?: Storage;

  /**
   * How many brokers of a cluster keep a copy of each message, from 1 to 5. The broker keeps 1, 3 or 5 copies: 2 and
   * 4 count as 3. More than 1 needs a cluster of that size.
   *
   * Changed in place.
   *
   * @default 1
   */
  readonly replicas?: number;

  /**
   * Over how many streams the messages are spread, from 1 to 10000. Retention limits hold for each of them, and the
   * order of messages is kept within each of them only.
   *
   * Changing it replaces the station, which needs `allowMessageLoss` when it holds messages.
   *
   * @default 1
   */
  readonly partitionsNumber?: number;

  /**
   * For how many milliseconds the broker remembers message ids and drops a second message with the same id. From 100
   * to 86400000 (24 hours), and not longer than a retention by age.
   *
   * Changed in place.
   *
   * @default 120000 (2 minutes)
   */
  readonly idempotencyWindowMs?: number;

  /**
   * Whether messages that no consumer of a group acknowledged in time are recorded as dead letters.
   *
   * Changed in place.
   *
   * @default true
   */
  readonly sendPoisonMsgToDls?: boolean | IResolvable;

  /**
   * Whether messages that producers could not send because they break the schema are recorded as dead letters.
   *
   * Changed in place.
   *
   * @default true
   */
  readonly sendSchemaFailedMsgToDls?: boolean | IResolvable;

  /**
   * Another station that gets a copy of each dead letter: a construct, or the name of a station. A name that this
   * stack declares is the same as the construct: that station is created first. A station that is absent when the
   * stack is deployed is an error. The station itself, or a circle of stations, is an error at synth.
   *
   * Changed in place.
   *
   * @default no copies are made
   */
  readonly dlsStation?: IStation | string;

  /**
   * Whether messages that retention drops are moved to a second tier of storage, if the broker has one.
   *
   * Changed in place.
   *
   * @default false
   */
  readonly tieredStorageEnabled?: boolean | IResolvable;

  /**
   * Tags of the station in the Memphis UI, each of 1 to 200 bytes, kept in lower case. An empty list means the tag
   * "default" alone.
   *
   * Changed in place.
   *
   * @default the tags on the broker are left as they are
   */
  readonly tags?: readonly string[];

  /**
   * Permits every operation that drops stored messages: destroying or replacing a station that holds some, a smaller
   * limit, a change to `ACK_BASED`. Without it such an operation is refused while it is planned.
   *
   * A plain destroy uses the deployed value: set it, deploy, then destroy.
   *
   * @default false
   */
  readonly allowMessageLoss?: boolean | IResolvable;

  /**
   * Permits to take over a station of that name that is on the broker already and that no other declaration owns. The
   * plan shows what would change on it; a difference that needs a new station, or loses messages, is refused.
   *
   * @default false
   */
  readonly adoptExisting?: boolean | IResolvable;

  /**
   * Refuses to destroy or replace the station, whatever else is permitted. The deployed value counts: switching it off
   * takes a deploy of its own.
   *
   * @default false
   */
  readonly deletionProtection?: boolean | IResolvable;

  /**
   * Name of the schema that the messages of the station must fit; short for one `SchemaEnforcement`. A name that this
   * stack declares is created first. Together with `station.enforce()` it is an error at synth.
   *
   * Changing it hands the new schema to the producers that are connected, at once. Removing it detaches the schema.
   *
   * @default no schema is attached by this stack
   */
  readonly schemaName?: string;
}

/** A station: its settings and its retention. */
export type StationProps = StationSettings & StationRetention;
