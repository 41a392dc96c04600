import { ProtocolError } from '../../../model/errors';
import type { WaitOptions } from '../../connection/waiting';
import type { ClientConnection } from '../connection/client-connection';
import type { CompleteConsumerOptions } from './consumer-options';
import {
  durableExists,
  jetStreamRequest,
  NANOSECONDS_PER_MILLISECOND,
  readStream,
} from '../connection/jetstream-api';
import type { Partition } from '../station/partition';

/** The most deliveries that the broker allows; it takes this for every larger number. */
const MAX_DELIVERIES = 10;

/**
 * Makes sure that each partition has the durable consumer of the group. Registering does not: on a station of one
 * partition the broker makes none when `lastMessages` is more than 0, and says that all went well; and it does not
 * repair a durable that was deleted while a member of the group is active.
 */
export async function ensureDurables(
  connection: ClientConnection,
  partitions: readonly Partition[],
  durable: string,
  options: CompleteConsumerOptions,
  wait?: WaitOptions,
): Promise<void> {
  await Promise.all(
    partitions.map(async (partition) => {
      const attempted = `create the consumer group "${options.consumerGroup}" on "${partition.stream}"`;
      if (await durableExists(connection, partition.stream, durable, attempted, wait)) return;
      await createDurable(connection, partition, durable, options, attempted, wait);
    }),
  );
}

async function createDurable(
  connection: ClientConnection,
  { stream, subject }: Partition,
  durable: string,
  options: CompleteConsumerOptions,
  attempted: string,
  wait?: WaitOptions,
): Promise<void> {
  const information = await readStream(connection, stream, attempted, wait);
  if (information === undefined) {
    throw new ProtocolError({
      attempted,
      found: `the broker says the station has this partition, but there is no stream "${stream}"`,
      next: 'Create the station again',
    });
  }
  const config = {
    durable_name: durable,
    ack_policy: 'explicit',
    ack_wait: options.maxAckTimeMs * NANOSECONDS_PER_MILLISECOND,
    max_deliver: Math.min(options.maxMsgDeliveries, MAX_DELIVERIES),
    filter_subject: subject,
    replay_policy: 'instant',
    max_ack_pending: -1,
    ...deliverFrom(options, information.state.last_seq),
  };
  await jetStreamRequest(
    connection,
    `CONSUMER.DURABLE.CREATE.${stream}.${durable}`,
    { stream_name: stream, config },
    attempted,
    wait,
  );
}

function deliverFrom(
  { lastMessages, startConsumeFromSequence: start }: CompleteConsumerOptions,
  lastSequence: number,
): object {
  if (lastMessages === 0) return { deliver_policy: 'new' };
  if (lastMessages > 0) {
    return {
      deliver_policy: 'by_start_sequence',
      opt_start_seq: Math.max(1, lastSequence - lastMessages + 1),
    };
  }
  return start > 1
    ? { deliver_policy: 'by_start_sequence', opt_start_seq: start }
    : { deliver_policy: 'all' };
}
