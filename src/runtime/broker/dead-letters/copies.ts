import { randomInt } from 'node:crypto';

import { errorText } from '../../../model/errors';
import { MAX_HEADER_BYTES } from '../../../model/message-size';
import { partitionSubject } from '../../../model/names';
import { blockLength } from '../jetstream/headers';
import { streamOf } from '../jetstream/stream-names';
import type { BrokerContext } from '../objects/context';
import { MESSAGE_ID, STOCK_MESSAGE_ID } from '../objects/messages';
import type { StationRow } from '../store/rows';
import type { Content } from './contents';

/** Sends a copy of a dead letter to the station that collects them, if there is one. */
export async function copyToDlsStation(
  context: BrokerContext,
  source: StationRow,
  { data, headers }: Content,
  type: 'unacked' | 'failed_schema',
): Promise<void> {
  const target = context.metadata.stations.find(source.dlsStation);
  if (target === undefined) return;
  if (headers === undefined) {
    context.log(
      `a dead letter of ${source.name} has no headers and is not copied to ${target.name}; a real broker ends there`,
    );
    return;
  }
  if (target.isNative === false) {
    context.log(
      `a dead letter of ${source.name} is not copied to ${target.name}, which has no partitions; a real broker ends there`,
    );
    return;
  }
  const messageId = headers.get(MESSAGE_ID);
  const sent = new Map([...headers, ['station', source.name], ['type', type]]);
  // An id that is too long to stand there twice is not looked at by a stock server; the copy is worth more.
  if (messageId !== undefined && blockLength([...sent, [STOCK_MESSAGE_ID, messageId]]) <= MAX_HEADER_BYTES)
    sent.set(STOCK_MESSAGE_ID, messageId);
  const stream = streamOf(target, pickPartition(target.partitions));
  try {
    await context.jetstream.publish(partitionSubject(stream), data, sent);
  } catch (error) {
    // The row is kept; that the copy is missing must not make it come again and again.
    context.log(`a dead letter of ${source.name} was not copied to ${target.name}: ${errorText(error)}`);
  }
}

/** Any but the last, which a real broker never takes; the only one when there is one. */
function pickPartition(partitions: readonly number[]): number {
  return partitions[partitions.length > 1 ? randomInt(partitions.length - 1) : 0] ?? 1;
}
