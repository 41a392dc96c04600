import type { CanonicalStation } from '../../../model/station';
import { brokerStationFields } from '../../../model/station';
import type { StreamReader } from '../../../model/station-field';
import type { LiveStation } from './live';

type StreamField = readonly [name: string, reader: StreamReader];

/** The fields that are read from the streams; those of one group are read from the same partition. */
const streamFields = new Map<string, StreamField[]>();
for (const [name, { read }] of brokerStationFields) {
  if (read.from !== 'stream') continue;
  const group = read.group ?? name;
  streamFields.set(group, [...(streamFields.get(group) ?? []), [name, read]]);
}

/**
 * The canonical form of a live station. Partitions may differ from each other, since somebody can change one of them by
 * hand: a field then shows the value of the first partition that is not as expected, so that no difference hides.
 * @param expected what the station should be, if that is known
 */
export function normaliseStation(live: LiveStation, expected?: CanonicalStation): CanonicalStation {
  const row = live.row as unknown as Readonly<Record<string, unknown>>;
  const values: Record<string, unknown> = {};
  for (const [name, { read }] of brokerStationFields) {
    if (read.from === 'row') values[name] = row[name];
    if (read.from === 'streams') values[name] = read.read(live.streams.map(({ config }) => config));
  }
  for (const group of streamFields.values()) Object.assign(values, streamValues(group, live, expected));
  return values as unknown as CanonicalStation;
}

function streamValues(
  group: readonly StreamField[],
  live: LiveStation,
  expected: CanonicalStation | undefined,
): Record<string, unknown> {
  const wanted = (expected ?? {}) as Readonly<Record<string, unknown>>;
  const read = live.streams.map(({ config }) =>
    Object.fromEntries(group.map(([name, reader]) => [name, reader.read(config, wanted)])),
  );
  const unlike = read.find((values) => group.some(([name]) => values[name] !== wanted[name]));
  // Without any stream nothing can be read; then the station is recreated or repaired for that reason.
  return unlike ?? read[0] ?? Object.fromEntries(group.map(([name]) => [name, wanted[name]]));
}
