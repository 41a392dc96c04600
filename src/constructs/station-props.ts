import type { Duration } from '../model/duration';
import type { Retention } from '../model/retention';
import type { Size } from '../model/size';
import type { Storage } from '../model/storage';
import type { IResolvable, TerraformMetaArguments } from './framework';
import type { IStation } from './named-object';

/**
 * What makes a station drop messages. `ACK_BASED` has no limit; `MESSAGES` and `BYTES` need one.
 */
export type StationRetention =
  | {
      /**
       * What makes the station drop messages: their age, their number, their size, or their acknowledgement.
       *
       * Changed in place. A smaller limit drops the messages above it at once; a change to ACK_BASED drops what every
       * consumer group has acknowledged.
       *
       * @default Retention.MAX_MESSAGE_AGE_SECONDS
       */
      readonly retentionType?: Retention.MAX_MESSAGE_AGE_SECONDS;

      /**
       * The limit of the retention. Required with MESSAGES and BYTES; it has no meaning, and must be left out, with
       * ACK_BASED.
       *
       * Must be a whole number from 1 to 2147483647 (seconds, messages per partition or bytes per partition, as
       * retentionType says).
       *
       * Changed in place. A smaller limit drops the messages above it at once; a change to ACK_BASED drops what every
       * consumer group has acknowledged.
       *
       * @default 3600
       */
      readonly retentionValue?: number | Duration;
    }
  | {
      /**
       * What makes the station drop messages: their age, their number, their size, or their acknowledgement.
       *
       * Changed in place. A smaller limit drops the messages above it at once; a change to ACK_BASED drops what every
       * consumer group has acknowledged.
       */
      readonly retentionType: Retention.MESSAGES;

      /**
       * The limit of the retention. Required with MESSAGES and BYTES; it has no meaning, and must be left out, with
       * ACK_BASED.
       *
       * Must be a whole number from 1 to 2147483647 (seconds, messages per partition or bytes per partition, as
       * retentionType says).
       *
       * Changed in place. A smaller limit drops the messages above it at once; a change to ACK_BASED drops what every
       * consumer group has acknowledged.
       */
      readonly retentionValue: number;
    }
  | {
      /**
       * What makes the station drop messages: their age, their number, their size, or their acknowledgement.
       *
       * Changed in place. A smaller limit drops the messages above it at once; a change to ACK_BASED drops what every
       * consumer group has acknowledged.
       */
      readonly retentionType: Retention.BYTES;

      /**
       * The limit of the retention. Required with MESSAGES and BYTES; it has no meaning, and must be left out, with
       * ACK_BASED.
       *
       * Must be a whole number from 1 to 2147483647 (seconds, messages per partition or bytes per partition, as
       * retentionType says).
       *
       * Changed in place. A smaller limit drops the messages above it at once; a change to ACK_BASED drops what every
       * consumer group has acknowledged.
       */
      readonly retentionValue: number | Size;
    }
  | {
      /**
       * What makes the station drop messages: their age, their number, their size, or their acknowledgement.
       *
       * Changed in place. A smaller limit drops the messages above it at once; a change to ACK_BASED drops what every
       * consumer group has acknowledged.
       */
      readonly retentionType: Retention.ACK_BASED;
      readonly retentionValue?: never;
    };

/** Everything about a station except its retention. */
export interface StationSettings extends TerraformMetaArguments {
  /**
   * Name of the station; case does not matter.
   *
   * Must be a station name: 1 to 128 of a-z 0-9 _ . -, starting and ending with a letter or digit.
   *
   * Changing this forces replacement: Memphis cannot rename a station.
   */
  readonly name: string;

  /**
   * Where messages are kept. Those in memory are lost when the broker restarts.
   *
   * Changing this forces replacement: Memphis cannot move a station between disk and memory.
   *
   * @default Storage.DISK
   */
  readonly storageType?: Storage;

  /**
   * How many brokers of a cluster keep a copy of each message. The broker keeps 1, 3 or 5: 2 and 4 count as 3. More
   * than 1 needs a cluster of that size.
   *
   * Must be a whole number from 1 to 5 (copies).
   *
   * Changed in place.
   *
   * @default 1
   */
  readonly replicas?: number;

  /**
   * How many streams share the messages of the station. Retention limits apply to each of them.
   *
   * Must be a whole number from 1 to 10000 (partitions).
   *
   * Changing this forces replacement: Memphis cannot change the number of partitions of a station.
   *
   * @default 1
   */
  readonly partitionsNumber?: number;

  /**
   * How long the broker remembers the message ids of a partition and drops a second message with the same id. Not
   * longer than a retention by age, which is also its default where it is shorter.
   *
   * Must be a whole number from 100 to 86400000 (milliseconds).
   *
   * Changed in place.
   *
   * @default 120000
   */
  readonly idempotencyWindowMs?: number | Duration;

  /**
   * Whether the broker records messages as dead letters when no consumer of a group acknowledged them in time.
   *
   * Changed in place.
   *
   * @default true
   */
  readonly sendPoisonMsgToDls?: boolean | IResolvable;

  /**
   * Whether the broker records messages as dead letters when producers could not send them because they break the
   * schema.
   *
   * Changed in place.
   *
   * @default true
   */
  readonly sendSchemaFailedMsgToDls?: boolean | IResolvable;

  /**
   * Name of another station that receives a copy of each dead letter. It must exist first.
   *
   * A construct, or the name of a station. A name that this stack declares is the same as the construct: that station
   * is created first. A station that is absent when the stack is deployed is an error. The station itself, or a
   * circle of stations, is an error at synth.
   *
   * Must be a station name: 1 to 128 of a-z 0-9 _ . -, starting and ending with a letter or digit.
   *
   * Changed in place.
   *
   * @default no copies are made
   */
  readonly dlsStation?: IStation | string;

  /**
   * Whether messages that retention drops move to a second tier of storage, if the broker has one.
   *
   * Changed in place.
   *
   * @default false
   */
  readonly tieredStorageEnabled?: boolean | IResolvable;

  /**
   * Tags of the station in the Memphis UI, in lower case. An empty list means the tag "default" alone.
   *
   * Changed in place.
   *
   * @default the tags on the broker are not managed
   */
  readonly tags?: readonly string[];

  /**
   * Allows every operation that drops stored messages: destroying or replacing a station that holds some, a smaller
   * limit, a change to ACK_BASED. A plain destroy uses the deployed value: set it, deploy, then destroy. Set it on
   * the provider to permit it for a whole stack at once.
   *
   * @default that of the provider, or else false
   */
  readonly allowMessageLoss?: boolean | IResolvable;

  /**
   * Allows this declaration to adopt an existing, unowned object of the same name. The plan shows what would change
   * on it; it refuses a difference that forces replacement or loses messages.
   *
   * @default false
   */
  readonly adoptExisting?: boolean | IResolvable;

  /**
   * What a change does that the broker cannot make in place: another storage type, number of partitions, or name with
   * moveFrom. carryMessages carries the stored messages into the new station, inside the broker and in the same run;
   * a publish fails meanwhile. recreate destroys the station with its messages, which needs allowMessageLoss.
   *
   * @default "recreate"
   */
  readonly onReplace?: 'recreate' | 'carryMessages';

  /**
   * Former name of the station. With onReplace carryMessages, a changed name then moves the station with its
   * messages. It may stay in the declaration afterwards.
   *
   * Must be a station name: 1 to 128 of a-z 0-9 _ . -, starting and ending with a letter or digit.
   *
   * @default a changed name forces replacement
   */
  readonly moveFrom?: string;

  /**
   * Refuses to destroy or replace the object, whatever else is allowed. The deployed value counts: switching it off
   * requires a separate deploy.
   *
   * @default that of the provider, or else false
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
