import { internalName } from '../../model/names';
import type { SmokeGroup } from '../admin';
import type { Consumer } from '../messaging';
import type { MessagingSession } from '../messaging/messaging-session';
import { stationPartitions } from '../messaging/station/partition';
import { Mark } from './mark';
import { Receiver } from './receiver';
import type { Traffic } from './traffic';

/** Which groups read the messages of a test. */
export interface GroupsOptions {
  readonly station: string;
  readonly partitions: readonly number[];
  readonly names: readonly string[];
  /** Members of each group. */
  readonly members: number;
  readonly runId: string;
}

/** The consumer groups of a test. They get messages that come after them only ("new only"). */
export class Groups {
  readonly consumers: Consumer[] = [];
  readonly #options: GroupsOptions;
  #receivers: Receiver[] = [];
  /** Why no more messages come. */
  failure: Error | undefined;

  constructor(options: GroupsOptions) {
    this.#options = options;
  }

  /** What the groups are on the broker. @param others names of further groups on the station */
  durables(others: readonly string[]): SmokeGroup[] {
    const { station, partitions, names } = this.#options;
    return durablesOf(station, partitions, [...names, ...others]);
  }

  async join(session: MessagingSession): Promise<void> {
    const { station: stationName, names } = this.#options;
    const create = async (consumerName: string): Promise<void> => {
      this.consumers.push(await session.consumers.create({ stationName, consumerName, lastMessages: 0 }));
    };
    await Promise.all(names.map(create));
  }

  /**
   * Hands all messages of the run to the account of the traffic, and acknowledges everything.
   * @param other is told of messages of the run that are not part of the traffic
   */
  receive(
    session: MessagingSession,
    traffic: Traffic,
    other: (partition: number, sequence: number) => void,
  ): void {
    const { station, partitions, names, members, runId } = this.#options;
    const streams = stationPartitions(
      station,
      partitions.filter((number) => number > 0),
    );
    const mark = new Mark(runId);
    const everybody = names.flatMap((name, group) =>
      Array.from({ length: members }, () =>
        streams.map(({ stream, number }) => ({ stream, partition: number, group, name })),
      ).flat(),
    );
    this.#receivers = everybody.map(
      ({ stream, partition, group, name }) =>
        new Receiver(
          session.connection,
          { stream, durable: internalName(name) },
          (message, { sequence, deliveries }) => {
            const at = performance.now();
            const number = mark.of(message);
            if (number === 'other') other(partition, sequence);
            else if (number !== undefined) {
              const { data: payload } = message;
              traffic.arrive({ group, number, partition, sequence, deliveries, payload, at });
            }
            return 'ack';
          },
          (error) => {
            this.failure ??= error;
          },
        ),
    );
  }

  stop(): void {
    for (const receiver of this.#receivers) receiver.stop();
    this.#receivers = [];
  }
}

/** The name of one of several groups or producers. */
export function numberedName(name: string, index: number): string {
  return index === 0 ? name : `${name}-${index + 1}`;
}

/** What consumer groups of a station are on the broker. */
export function durablesOf(
  station: string,
  partitions: readonly number[],
  names: readonly string[],
): SmokeGroup[] {
  const streams = stationPartitions(
    station,
    partitions.filter((number) => number > 0),
  );
  return names.flatMap((name) => streams.map(({ stream }) => ({ stream, durable: internalName(name) })));
}
