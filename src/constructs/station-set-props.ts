import type { Retention } from '../model/retention';
import type { Duration } from '../model/duration';
import type { Size } from '../model/size';
import type { TerraformMetaArguments } from './framework';
import type { ISchema } from './named-object';
import type { StationSettings } from './station-props';

/** What the stations of a set have in common, or what differs for one of them. */
export interface StationOptions extends Omit<
  StationSettings,
  'name' | 'schemaName' | 'onReplace' | 'moveFrom' | keyof TerraformMetaArguments
> {
  /**
   * What makes the stations drop messages: their age, their number, their size, or their acknowledgement.
   *
   * Changed in place. A smaller limit drops the messages above it at once; a change to ACK_BASED drops what every
   * consumer group has acknowledged.
   *
   * @default Retention.MAX_MESSAGE_AGE_SECONDS
   */
  readonly retentionType?: Retention;

  /**
   * The limit of the retention. Required with MESSAGES and BYTES; it has no meaning with ACK_BASED. A station that
   * gives its own retentionType does not take the limit of the set.
   *
   * Changed in place.
   *
   * @default 3600
   */
  readonly retentionValue?: number | Duration | Size;

  /**
   * The schema that the messages must fit: a construct, or the name of a schema. A station to which the set's schema does
   * not apply says an empty string.
   *
   * @default no schema is attached by the set
   */
  readonly schemaName?: ISchema | string;
}

/** Any number of like stations. */
export interface StationSetProps extends StationOptions, TerraformMetaArguments {
  /**
   * The stations: their names, or an object from names to the options in which they differ from the set.
   *
   * Adding, changing or removing one touches that one alone; one that is removed is destroyed, with the same protection
   * of its messages as a `Station`.
   */
  readonly stations: readonly string[] | Readonly<Record<string, StationOptions>>;

  /**
   * Names of stations that stay on the broker, without an owner, when they are taken out of `stations`: another set or a
   * `Station` can take them over with `adoptExisting`.
   *
   * @default none
   */
  readonly release?: readonly string[];
}
