import { clauses } from '../../../model/error-text';
import { UnsafeRequestError } from '../../../model/errors';
import {
  effectsOfSettings,
  finalSettings,
  partitionList,
  permanentSettings,
} from '../../../model/stream-settings';
import type { StreamInfo } from '../../admin';
import type { LiveStation } from './live';

/** What is wrong with the partitions of a station beside its fields, or cannot be set back. */
export interface Damage {
  readonly code: 'PARTITION_LOST' | 'PARTITION_FROZEN' | 'PERMANENT_SETTING';
  /** What was found: `partition 2 has no stream`. */
  readonly found: string;
  /** What a deploy does about it, or what people can do; whole sentences. */
  readonly next: string;
}

const howToReplace =
  'To get rid of them, replace the station: save the messages that you need, set allowMessageLoss: true if there are any, run terraform taint ADDRESS, and deploy';

/** The damage to a station that no value of a field shows. */
export function damageOf(station: LiveStation): Damage[] {
  const { missingPartitions, frozenPartitions } = station;
  const damage: Damage[] = [];
  if (missingPartitions.length > 0) {
    damage.push({
      code: 'PARTITION_LOST',
      found: `${partitionList(missingPartitions)} ${have(missingPartitions)} no stream, and the messages in it are gone`,
      next: 'A deploy recreates what is missing, empty, with the settings and the consumer groups of the others.',
    });
  }
  const configs = station.streams.map(({ config }) => config);
  const shut = new Set(station.streams.filter(isFinal).map(({ config }) => config.name));
  const opened = frozenPartitions.filter((partition) => !shut.has(streamOf(station, partition)));
  if (opened.length > 0) {
    damage.push({
      code: 'PARTITION_FROZEN',
      found: `${partitionList(opened)} ${opened.length === 1 ? 'refuses' : 'refuse'} publishers`,
      next: 'A deploy lets them in again.',
    });
  }
  const permanent = permanentSettings(configs);
  if (permanent.length > 0) {
    const effects = effectsOfSettings(configs, (setting) => setting.permanent !== undefined);
    const why = effects.length === 0 ? '' : `, so that ${effects.join(' and ')}`;
    damage.push({
      code: 'PERMANENT_SETTING',
      found: `its streams have settings that no station has and that the server does not take back: ${permanent.join(', ')}${why}`,
      next: `A deploy leaves them as they are. ${howToReplace}.`,
    });
  }
  return damage;
}

/**
 * Refuses to change a station of which the server lets nobody change a stream.
 * @throws UnsafeRequestError
 */
export function refuseFinalSettings(name: string, streams: readonly StreamInfo[]): void {
  const configs = streams.map(({ config }) => config);
  const settings = finalSettings(configs);
  if (settings.length === 0) return;
  const effects = effectsOfSettings(configs, ({ permanent }) => permanent === 'final');
  throw new UnsafeRequestError({
    attempted: `update station "${name}"`,
    found: `its streams have settings with which the server refuses every change: ${settings.join(', ')}, so that ${clauses(effects)}`,
    next: howToReplace,
  });
}

/** True for a stream that the server lets nobody change, and that takes no message of a publisher. */
export function isFinal({ config }: StreamInfo): boolean {
  return finalSettings([config]).length > 0;
}

function streamOf({ streams }: LiveStation, partition: number): string {
  return streams.find(({ config }) => config.name.endsWith(`$${partition}`))?.config.name ?? '';
}

function have(numbers: readonly number[]): string {
  return numbers.length === 1 ? 'has' : 'have';
}
