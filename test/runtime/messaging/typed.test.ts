import type { Consumer, Memphis, Message, Producer } from '../../../src/runtime/messaging';
import { TestBroker } from '../../support/broker';

const broker = TestBroker.forThisFile();
let memphis: Memphis;
beforeAll(async () => {
  memphis = await broker.client();
});

interface Order {
  readonly id: number;
}

const fast = { batchMaxTimeToWaitMs: 3_000 };

test('producer and consumer carry the type of their messages', async () => {
  const stationName = broker.stationName();
  const schemaName = broker.stationName('schema');
  await memphis.createSchema({ schemaName, schemaType: 'json', schemaContent: '{"required":["id"]}' });
  await memphis.station({ name: stationName, schemaName });
  const producer: Producer<Order> = await memphis.producer<Order>({ stationName, producerName: 'p' });
  await producer.produce({ message: { id: 1 } });
  await producer.produce({ message: Buffer.from('{"id":2}') });
  // @ts-expect-error -- no order
  await expect(producer.produce({ message: { name: 'x' } })).rejects.toThrow('Schema validation has failed');
  const consumer: Consumer<Order> = await memphis.consumer<Order>({
    stationName,
    consumerName: 'c',
    ...fast,
  });
  const messages: Message<Order>[] = await consumer.fetch({ batchSize: 2 });
  const orders: Order[] = [];
  for (const message of messages) orders.push(await message.getDataDeserialized({ strict: true }));
  expect(orders).toEqual([{ id: 1 }, { id: 2 }]);
  // @ts-expect-error -- without strict it may be the bytes
  const perhaps: Order | undefined = await messages[0]?.getDataDeserialized();
  expect(perhaps).toEqual({ id: 1 });
});

describe('an AbortSignal', () => {
  test('ends a fetch at once, and what comes later is for the next fetch', async () => {
    const stationName = broker.stationName();
    const consumer = await memphis.consumer({ stationName, consumerName: 'c', ...fast });
    const begin = performance.now();
    await expect(consumer.fetch({ signal: AbortSignal.timeout(50) })).rejects.toThrow('timeout');
    expect(performance.now() - begin).toBeLessThan(1_000);
    await memphis.produce({ stationName, producerName: 'p', message: 'm' });
    expect(await consumer.fetch({ batchSize: 1 })).toHaveLength(1);
    await expect(consumer.fetch({ signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no');
  });

  test('ends an iteration, which throws its reason like every other call', async () => {
    const stationName = broker.stationName();
    await memphis.produce({ stationName, producerName: 'p', message: 'm' });
    const consumer = await memphis.consumer({ stationName, consumerName: 'c', batchMaxTimeToWaitMs: 100 });
    const stopping = new AbortController();
    let seen = 0;
    const iterated = (async () => {
      for await (const message of consumer.messages({ signal: stopping.signal })) {
        await message.ack();
        seen += 1;
        setTimeout(() => stopping.abort(new Error('enough')), 20);
      }
    })();
    await expect(iterated).rejects.toThrow('enough');
    expect(seen).toBe(1);
  });
});
