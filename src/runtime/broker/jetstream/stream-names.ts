import { internalName, partitionStream } from '../../../model/names';
import type { StationRow } from '../store/rows';

/** What the streams of a station are named after. */
type Owner = Pick<StationRow, 'name' | 'partitions' | 'isNative'>;

/** Stands for the only stream of a station without partitions. */
const WITHOUT_PARTITION = 0;

/** The stream of one partition. A station that another NATS client made has no partitions, and one stream of its own name. */
export function streamOf({ name, isNative }: Owner, partition: number): string {
  return isNative === false ? internalName(name) : partitionStream(name, partition);
}

/** The partitions that have a stream each, as `streamOf` takes them. */
export function placesOf({ partitions, isNative }: Owner): readonly number[] {
  return isNative === false ? [WITHOUT_PARTITION] : partitions;
}
