import type { LedgerKind, LedgerRecord } from '../../../admin';
import type { LiveEnforcement, LiveStation } from '../../../reconcile';
import { stored } from '../../../reconcile';
import { parsePartitionStream } from '../../../../model/names';
import type { LiveFacts } from '../../report';

/** The records of the broker's ledger, by kind and name. */
export type Records = Readonly<Record<LedgerKind, ReadonlyMap<string, LedgerRecord>>>;

/** Nothing is stored in it: every object but a station. */
const empty = { messages: 0, bytes: 0, partitions: [], consumerGroups: 0, schemaName: '', dlsStation: '' };

/** What is live of an object of any kind. */
export function liveFacts(
  kind: LedgerKind,
  live: object,
  owner: string | undefined,
  schemaName = '',
): LiveFacts {
  const owned = owner === undefined || owner === '' ? {} : { owner };
  if (kind === 'enforcement') {
    return { ...empty, schemaName: (live as LiveEnforcement).schemaName, ...owned };
  }
  if (kind !== 'station') return { ...empty, ...owned };
  const station = live as LiveStation;
  const { messages, bytes, consumerGroups } = stored(station);
  const partitions = station.streams.map(({ config, state }) => ({
    number: parsePartitionStream(config.name)?.partition ?? 0,
    messages: state.messages,
    bytes: state.bytes,
  }));
  const { dlsStation } = station.row;
  return { messages, bytes, partitions, consumerGroups, schemaName, dlsStation, ...owned };
}
