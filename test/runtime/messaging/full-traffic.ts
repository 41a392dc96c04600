import { setTimeout as pause } from 'node:timers/promises';
import { ClosedError } from '../../../src/model/errors';
import type { Memphis, Message, Producer, ProduceReceipt } from '../../../src/runtime/messaging';
import { eventually } from '../../support/broker';
import { textOf } from '../../support/text-of';

const PARTITIONS = [1, 2] as const;

/** A producer and a consumer that do all they can, on a station with two partitions, until they are told to stop. */
export class FullTraffic {
  readonly #memphis: Memphis;
  readonly #producer: Producer;
  /** Where the broker said that it stored each message. */
  readonly #acknowledged = new Map<string, ProduceReceipt>();
  readonly #delivered = new Set<string>();
  /** By partition, the sequences of messages in the order of their first deliveries. */
  readonly #first = new Map<number, number[]>(PARTITIONS.map((partition) => [partition, []]));
  readonly #producing: Promise<unknown>[];
  #duplicates = 0;
  #stopping = false;

  private constructor(memphis: Memphis, producer: Producer, underWay: number) {
    this.#memphis = memphis;
    this.#producer = producer;
    this.#producing = PARTITIONS.flatMap((partition) =>
      Array.from({ length: underWay }, (_value, lane) => this.#produce(partition, lane)),
    );
  }

  /** @param underWay so many messages are sent at the same time into each partition. */
  static async start(memphis: Memphis, underWay: number): Promise<FullTraffic> {
    await memphis.station({ name: 'st', partitionsNumber: PARTITIONS.length });
    const consumer = await memphis.consumer({
      stationName: 'st',
      consumerName: 'c',
      batchSize: 50,
      batchMaxTimeToWaitMs: 100,
      pullIntervalMs: 1,
      maxAckTimeMs: 2_000,
      maxMsgDeliveries: 10,
    });
    const producer = await memphis.producer({ stationName: 'st', producerName: 'p' });
    const traffic = new FullTraffic(memphis, producer, underWay);
    consumer.consume((messages) => traffic.#receive(messages));
    return traffic;
  }

  get acknowledged(): number {
    return this.#acknowledged.size;
  }

  /** How often the broker said that it had a message already, because the first acknowledgement was lost. */
  get duplicates(): number {
    return this.#duplicates;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#producing);
  }

  /** What was acknowledged is stored once, where the broker said, and all of it was delivered. */
  async verify(): Promise<void> {
    const stored = new Map<string, ProduceReceipt[]>();
    for (const partition of PARTITIONS) {
      for (const { text, sequence } of await this.#contents(partition)) {
        const receipt = { station: 'st', partition, sequence, duplicate: false };
        stored.set(text, [...(stored.get(text) ?? []), receipt]);
      }
    }
    expect([...stored.keys()].sort()).toEqual([...this.#acknowledged.keys()].sort());
    for (const [text, receipt] of this.#acknowledged) {
      expect([text, stored.get(text)]).toEqual([text, [{ ...receipt, duplicate: false }]]);
    }
    // For as long as some come: how many are left, and how fast they come, depends on the machine.
    while (this.#delivered.size < stored.size) {
      const before = this.#delivered.size;
      await eventually(() => this.#delivered.size > before, 'more of what is stored is delivered');
    }
    expect(this.#delivered.size).toBe(stored.size);
  }

  /** What came by its first delivery came in order; of some the first was lost on the way. */
  verifyOrder(): void {
    for (const sequences of this.#first.values()) {
      expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
    }
  }

  /** One message after the other, each until it is acknowledged. */
  async #produce(producerPartitionNumber: number, lane: number): Promise<void> {
    for (let number = 1; !this.#stopping; number += 1) {
      const message = `${producerPartitionNumber}-${lane}-${number}`;
      const options = { message, msgId: message, producerPartitionNumber, ackWaitSec: 2 };
      for (let receipt; receipt === undefined;) {
        receipt = await this.#producer.produce(options).catch(async (error: unknown) => {
          // The test has failed and is over.
          if (error instanceof ClosedError) throw error;
          await pause(5);
          return undefined;
        });
        if (receipt === undefined) continue;
        if (receipt.duplicate) this.#duplicates += 1;
        this.#acknowledged.set(message, receipt);
      }
    }
  }

  async #receive(messages: Message[]): Promise<void> {
    for (const message of messages) {
      const text = textOf(message);
      if (!this.#delivered.has(text) && message.getDeliveryCount() === 1) {
        this.#first.get(message.getPartitionNumber() ?? 0)?.push(message.getSequenceNumber() ?? 0);
      }
      this.#delivered.add(text);
      await message.ack().catch(() => undefined);
    }
  }

  async #contents(partition: number): Promise<{ text: string; sequence: number }[]> {
    const judge = await this.#memphis.consumer({
      stationName: 'st',
      consumerName: `judge${partition}`,
      batchMaxTimeToWaitMs: 300,
    });
    const contents: { text: string; sequence: number }[] = [];
    for (let batch = 1; batch > 0;) {
      const messages = await judge.fetch({ batchSize: 5_000, consumerPartitionNumber: partition });
      for (const message of messages) {
        contents.push({ text: textOf(message), sequence: message.getSequenceNumber() ?? 0 });
      }
      batch = messages.length;
    }
    return contents;
  }
}
