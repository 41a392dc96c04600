import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { JetStreamManager, NatsConnection } from 'nats';
import { connect, headers } from 'nats';
import { partitionStream, partitionSubject } from '../../src/model/names';
import type { LocalBroker } from '../../src/runtime/broker';

const PAUSE_MS = 15;
const MOST_TRIES = 3;
const ANSWER_MS = 5_000;
const PARTITIONS = [1, 2, 3];

/** Publishes into a station whatever happens to it, and remembers which messages the broker acknowledged. */
export class SteadyPublisher {
  readonly acknowledged = new Set<string>();
  #published = 0;
  #isStopping = false;
  #publishing: Promise<void> = Promise.resolve();

  private constructor(private readonly nats: NatsConnection) {}

  static async start(broker: LocalBroker): Promise<SteadyPublisher> {
    const nats = await connect({
      servers: `${broker.host}:${broker.port}`,
      user: 'root',
      pass: 'memphis',
      name: `${randomUUID()}::root`,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 50,
      // A broker that was killed and started again has another port behind its proxy.
      ignoreClusterUpdates: true,
      pingInterval: 2_000,
    });
    return new SteadyPublisher(nats);
  }

  /** Publishes until `pause` is called, into any partition of any of the stations that are there. */
  publish(stations: readonly string[]): void {
    this.#isStopping = false;
    this.#publishing = this.#keepOn(stations);
  }

  async pause(): Promise<void> {
    this.#isStopping = true;
    await this.#publishing;
  }

  async #keepOn(stations: readonly string[]): Promise<void> {
    while (!this.#isStopping) {
      for (const station of stations) {
        const partition = PARTITIONS[this.#published % PARTITIONS.length] ?? 1;
        const id = `message-${(this.#published += 1)}`;
        const head = headers();
        head.set('msg-id', id);
        const subject = partitionSubject(partitionStream(station, partition));
        try {
          await this.nats.jetstream().publish(subject, id, { headers: head, msgID: id, timeout: 500 });
          this.acknowledged.add(id);
        } catch {
          // Nobody took it, or nobody knows: nothing is promised.
        }
      }
      await delay(PAUSE_MS);
    }
  }

  /** All messages of a station, over all of its partitions. */
  stored(station: string): Promise<string[]> {
    return repeated(() => this.#stored(station));
  }

  async #stored(station: string): Promise<string[]> {
    const found: string[] = [];
    const manager = await this.#manager();
    for (const stream of await this.#streams(`${station}$`)) {
      const { state } = await manager.streams.info(stream);
      // A stream that never had a message begins with none.
      for (let sequence = Math.max(1, state.first_seq); sequence <= state.last_seq; sequence += 1) {
        found.push((await manager.streams.getMessage(stream, { seq: sequence })).string());
      }
    }
    return found;
  }

  /** The streams that hold copies of messages. */
  copies(): Promise<string[]> {
    return repeated(() => this.#streams('$memphis_cdk_'));
  }

  empty(station: string): Promise<void> {
    return repeated(async () => {
      const manager = await this.#manager();
      for (const stream of await this.#streams(`${station}$`)) await manager.streams.purge(stream);
    });
  }

  async #streams(start: string): Promise<string[]> {
    const manager = await this.#manager();
    const names: string[] = [];
    for await (const { config } of manager.streams.list()) {
      if (config.name.startsWith(start)) names.push(config.name);
    }
    return names;
  }

  #manager(): Promise<JetStreamManager> {
    return this.nats.jetstreamManager({ timeout: ANSWER_MS });
  }

  async stop(): Promise<void> {
    await this.pause();
    await this.nats.close();
  }
}

/**
 * Does what may be repeated. A request is lost without a word when the server closes a connection that it found stale, as on a
 * busy machine, and the client has not noticed yet.
 */
async function repeated<T>(action: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await action();
    } catch (error) {
      if (tries === MOST_TRIES) throw error;
    }
  }
}
