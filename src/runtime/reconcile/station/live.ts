import { plural } from '../../../model/error-text';
import { parsePartitionStream, partitionStream } from '../../../model/names';
import { bytesText } from '../../../model/quantity-text';
import type { Admin, StationDetails, StreamInfo } from '../../admin';

/** A station as it is on the broker: its row, and the streams of its partitions. */
export interface LiveStation {
  readonly row: StationDetails;
  /** In the order of the partitions; a partition whose stream is missing has no entry. */
  readonly streams: readonly StreamInfo[];
  /** Partitions of the row that have no stream. */
  readonly missingPartitions: readonly number[];
  /** Partitions that refuse publishers: an earlier run froze them and did not come to its end. */
  readonly frozenPartitions: readonly number[];
}

/**
 * Reads one station fresh, by its name: one request, and one more for each partition.
 * @param expected how many partitions it should have; their streams are read at the same time as the row
 * @returns undefined when the broker has no such station.
 */
export async function observeStation(
  admin: Admin,
  name: string,
  expected = 0,
): Promise<LiveStation | undefined> {
  const early = Math.min(expected, MOST_EARLY_READS);
  const [row, streams] = await Promise.all([admin.readStation(name), readPartitions(admin, name, 1, early)]);
  if (row === undefined) return undefined;
  const late = row.partitions.filter((partition) => partition > early);
  const read = await Promise.all(late.map((partition) => admin.readStream(partitionStream(name, partition))));
  const found = [...streams, ...read.filter((stream) => stream !== undefined)];
  return liveStation(row, splitStreams(row, found).own);
}

/** Reads that may turn out to be needless; a station that is not there would cost as many. */
const MOST_EARLY_READS = 16;

/** The streams of the partitions from one number to another, as far as they exist; one request for each. */
export async function readPartitions(
  admin: Pick<Admin, 'readStream'>,
  name: string,
  first: number,
  last: number,
): Promise<StreamInfo[]> {
  const reads: Promise<StreamInfo | undefined>[] = [];
  for (let partition = first; partition <= last; partition += 1) {
    reads.push(admin.readStream(partitionStream(name, partition)));
  }
  return (await Promise.all(reads)).filter((stream) => stream !== undefined);
}

/** Which streams belong to the partitions of a row, and which only look like it. */
export function splitStreams(
  row: StationDetails,
  streams: readonly StreamInfo[],
): { own: StreamInfo[]; extra: StreamInfo[] } {
  const names = new Set(row.partitions.map((partition) => partitionStream(row.name, partition)));
  return {
    own: streams.filter((stream) => names.has(stream.config.name)),
    extra: streams.filter((stream) => !names.has(stream.config.name)),
  };
}

/** A station of a row and the streams of its partitions. */
export function liveStation(row: StationDetails, streams: readonly StreamInfo[]): LiveStation {
  const partitionOf = (stream: StreamInfo): number =>
    parsePartitionStream(stream.config.name)?.partition ?? 0;
  const sorted = [...streams].sort((a, b) => partitionOf(a) - partitionOf(b));
  const present = new Set(sorted.map(partitionOf));
  return {
    row,
    streams: sorted,
    missingPartitions: row.partitions.filter((partition) => !present.has(partition)),
    frozenPartitions: sorted.filter((stream) => !acceptsMessages(stream)).map(partitionOf),
  };
}

function acceptsMessages(stream: StreamInfo): boolean {
  const { name, subjects, sealed } = stream.config;
  return sealed !== true && (subjects ?? []).includes(`${name}.>`);
}

/** True when every partition is there and takes messages. */
export function isIntact(station: LiveStation): boolean {
  return station.missingPartitions.length === 0 && station.frozenPartitions.length === 0;
}

/** What is stored in a station, over all of its partitions. */
export interface Stored {
  readonly messages: number;
  readonly bytes: number;
  readonly consumerGroups: number;
}

export function stored(station: Pick<LiveStation, 'streams'>): Stored {
  return {
    messages: sum(station.streams.map((stream) => stream.state.messages)),
    bytes: sum(station.streams.map((stream) => stream.state.bytes)),
    consumerGroups: Math.max(0, ...station.streams.map((stream) => stream.state.consumer_count)),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** `12 messages (3 KiB) in 2 consumer groups`, for people. */
export function describeStored({ messages, bytes, consumerGroups }: Stored): string {
  const groups = consumerGroups === 0 ? '' : `, read by ${plural(consumerGroups, 'consumer group')}`;
  return `${plural(messages, 'message')} (${bytesText(bytes)})${groups}`;
}
