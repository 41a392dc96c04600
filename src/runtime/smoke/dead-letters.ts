import { setTimeout as delay } from 'node:timers/promises';
import { plural } from '../../model/error-text';
import { externalName, internalName } from '../../model/names';
import { SMOKE_HEADER } from '../../model/smoke-test';
import type { Consumer, Producer } from '../messaging';
import type { MessagingSession } from '../messaging/messaging-session';
import { stationPartitions } from '../messaging/station/partition';
import { Receiver } from './receiver';
import type { SmokeExpectation } from './result';

/** How long the broker waits for an acknowledgement here before it delivers a message again. */
const MAX_ACK_TIME_MS = 250;

/** What the broker may take, beyond the deliveries, to make and copy a dead letter. */
const SETTLE_MS = 5_000;

const POLL_MS = 25;

/** How a message becomes a dead letter. */
export interface DeadLetterOptions {
  readonly session: MessagingSession;
  readonly producer: Producer;
  /** A group of its own, which is removed with the others. */
  readonly group: string;
  readonly maxMsgDeliveries: number;
  /** Where dead letters go; undefined when the station sends them nowhere. */
  readonly dlsStation: string | undefined;
  readonly payload: Uint8Array;
  readonly runId: string;
  /** Is told where the message, and its copy, were stored. */
  readonly stored: (station: string, partition: number, sequence: number) => void;
  /** Is told of the group on the dead-letter station before it is made. */
  readonly announce: (partitions: readonly number[], group: string) => Promise<void>;
  /** Makes something that the removal waits for. */
  readonly making: <T>(make: () => Promise<T>) => Promise<T>;
  /** Is told of each consumer that is made, so that it is removed in any case. */
  readonly made: (consumer: Consumer) => void;
}

/** Sends a message that nobody acknowledges, and follows it into the dead-letter station. */
export async function checkDeadLetters(options: DeadLetterOptions): Promise<SmokeExpectation[]> {
  const { session, producer, group, maxMsgDeliveries, dlsStation, payload, runId, stored, making, made } =
    options;
  const mark = `${runId}-dead-letter`;
  const { stationName } = producer;
  const deadLetters = await making(async () => {
    const consumer = await session.consumers.create({
      stationName,
      consumerName: group,
      lastMessages: 0,
      maxAckTimeMs: MAX_ACK_TIME_MS,
      maxMsgDeliveries,
    });
    made(consumer);
    return dlsStation === undefined ? undefined : deadLetterGroup(options, dlsStation);
  });
  let deliveries = 0;
  let found = 0;
  let failure: Error | undefined;
  const receive = (station: string, durable: string, partitions: readonly number[], seen: () => void) =>
    stationPartitions(
      station,
      partitions.filter((number) => number > 0),
    ).map(
      ({ stream, number }) =>
        new Receiver(
          session.connection,
          { stream, durable },
          (message, { sequence }) => {
            if (message.headers?.get(SMOKE_HEADER) !== mark) return 'ack';
            stored(station, number, sequence);
            seen();
            return station === stationName ? 'none' : 'ack';
          },
          (error) => {
            failure ??= error;
          },
        ),
    );
  const receivers = receive(
    stationName,
    internalName(group),
    producer.partitionNumbers,
    () => (deliveries += 1),
  );
  if (deadLetters !== undefined && dlsStation !== undefined) {
    receivers.push(
      ...receive(externalName(dlsStation), deadLetters.durable, deadLetters.partitions, () => (found += 1)),
    );
  }
  try {
    await producer.produce({ message: payload, headers: { [SMOKE_HEADER]: mark } });
    const until = performance.now() + maxMsgDeliveries * MAX_ACK_TIME_MS * 2 + SETTLE_MS;
    const isDone = (): boolean => deliveries >= maxMsgDeliveries && (dlsStation === undefined || found > 0);
    while (!isDone() && failure === undefined && performance.now() < until) await delay(POLL_MS);
    // One delivery too many would come within this time.
    if (isDone()) await delay(MAX_ACK_TIME_MS * 2);
  } finally {
    for (const receiver of receivers) receiver.stop();
  }
  if (failure !== undefined) throw failure;
  return deadLetterExpectation({ deliveries, maxMsgDeliveries, dlsStation, found });
}

function deadLetterExpectation(seen: {
  readonly deliveries: number;
  readonly maxMsgDeliveries: number;
  readonly dlsStation: string | undefined;
  readonly found: number;
}): SmokeExpectation[] {
  const { deliveries, maxMsgDeliveries, dlsStation, found } = seen;
  return [
    {
      what: 'a message that is not acknowledged is delivered as often as maxMsgDeliveries says',
      expected: times(maxMsgDeliveries),
      seen: times(deliveries),
      isMet: deliveries === maxMsgDeliveries,
    },
    {
      what: 'it is found in the dead-letter station',
      expected: dlsStation === undefined ? 'a dead-letter station' : `1 message in "${dlsStation}"`,
      seen: dlsStation === undefined ? 'the station has none' : plural(found, 'message'),
      isMet: dlsStation !== undefined && found > 0,
    },
  ];
}

async function deadLetterGroup({ session, group, made, announce }: DeadLetterOptions, dlsStation: string) {
  const name = `${group}-found`;
  const producer = await session.producers.get({ stationName: dlsStation, producerName: name });
  const partitions = producer.partitionNumbers;
  await producer.destroy({ timeoutRetries: 0 });
  await announce(partitions, name);
  const consumer = await session.consumers.create({
    stationName: dlsStation,
    consumerName: name,
    lastMessages: 0,
  });
  made(consumer);
  return { durable: internalName(name), partitions };
}

function times(count: number): string {
  return count === 1 ? '1 delivery' : `${count} deliveries`;
}
