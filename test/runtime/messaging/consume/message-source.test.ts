import fc from 'fast-check';
import type { Consumer, FetchOptions, Memphis, Message } from '../../../../src/runtime/messaging';
import { TestBroker } from '../../../support/broker';
import { many } from '../../../support/random';

const broker = TestBroker.forThisFile();
let memphis: Memphis;
beforeAll(async () => {
  memphis = await broker.client();
});

/** The messages of one partition that came after a later one of it, as `<partition>: <before>, <after>`. */
function violations(messages: readonly Message[]): string[] {
  const last = new Map<number, number>();
  const found: string[] = [];
  for (const message of messages) {
    const partition = message.getPartitionNumber() ?? 0;
    const sequence = message.getSequenceNumber() ?? 0;
    const before = last.get(partition) ?? 0;
    if (sequence <= before) found.push(`${partition}: ${before}, ${sequence}`);
    last.set(partition, sequence);
  }
  return found;
}

async function filledConsumer(partitions: number, messages: number): Promise<Consumer> {
  const stationName = broker.stationName();
  await memphis.station({ name: stationName, partitionsNumber: partitions });
  const producer = await memphis.producer({ stationName, producerName: 'p' });
  await Promise.all(
    Array.from({ length: messages }, (_, index) => producer.produce({ message: String(index) })),
  );
  return memphis.consumer({ stationName, consumerName: 'c', batchMaxTimeToWaitMs: 100 });
}

/** Fetches one after the other, as `next` says each, until all messages came. */
async function fetchAll(consumer: Consumer, count: number, next: () => FetchOptions): Promise<Message[]> {
  const all: Message[] = [];
  for (let empty = 0; all.length < count && empty < 20;) {
    const messages = await consumer.fetch(next());
    empty = messages.length === 0 ? empty + 1 : 0;
    for (const message of messages) await message.ack();
    all.push(...messages);
  }
  return all;
}

describe('each partition keeps its order when a consumer', () => {
  test('takes turns between a fetch that loads ahead, a larger one and a smaller one', async () => {
    const consumer = await filledConsumer(2, 60);
    const cycle = [{ batchSize: 1, prefetch: true }, { batchSize: 10 }, { batchSize: 1 }];
    let turn = 0;
    const all = await fetchAll(consumer, 60, () => cycle[turn++ % cycle.length] ?? {});
    expect(violations(all)).toEqual([]);
    expect(all).toHaveLength(60);
  });

  test('mixes all kinds of fetches', async () => {
    const kind = fc.record({
      batchSize: fc.integer({ min: 1, max: 30 }),
      prefetch: fc.boolean(),
      consumerPartitionNumber: fc.constantFrom(undefined, undefined, 1, 2),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(kind, { minLength: 2, maxLength: 8 }), async (kinds) => {
        const consumer = await filledConsumer(2, 60);
        let turn = 0;
        // The last kind reads any partition, so that the end is reached.
        const cycle: FetchOptions[] = [...kinds, { batchSize: 10 }];
        const all = await fetchAll(consumer, 60, () => cycle[(turn += 1) % cycle.length] ?? {});
        await consumer.destroy();
        expect(violations(all)).toEqual([]);
        expect(all).toHaveLength(60);
      }),
      { numRuns: many(5) },
    );
  });
});
