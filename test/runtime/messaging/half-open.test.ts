import { ConnectionError, MemphisError } from '../../../src/model/errors';
import type { Memphis } from '../../../src/runtime/messaging';
import { eventually, TestBroker } from '../../support/broker';
import { textOf } from '../../support/text-of';
import { Gate } from './gate';

const broker = TestBroker.forThisFile();

/** What a test has started; ended after it, also when it fails. */
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const PING_MS = 150;
/**
 * The first ping may just have been answered; the second one is not, and with the third it is certain. A busy machine
 * adds to it; without pings a call would wait for 5 s.
 */
const FOUND_OUT_MS = 3 * PING_MS;

async function gated(): Promise<{ gate: Gate; memphis: Memphis; errors: Error[] }> {
  const gate = await Gate.before(broker.options.port);
  cleanUps.push(() => gate.close());
  const errors: Error[] = [];
  const memphis = await broker.client({ port: gate.port, pingIntervalMs: PING_MS, reconnectIntervalMs: 20 });
  memphis.onError((error) => errors.push(error));
  cleanUps.push(() => memphis.close());
  return { gate, memphis, errors };
}

describe.each(['to the server', 'to the client', 'both'] as const)(
  'a line that swallows everything, in the direction %s',
  (direction) => {
    test('a produce fails within the time of the pings, and not after its own; sent again it is stored once', async () => {
      const { gate, memphis } = await gated();
      const stationName = broker.stationName();
      const producer = await memphis.producer({ stationName, producerName: 'p' });
      gate.swallow(direction);
      const begin = performance.now();
      const lost = producer.produce({ message: 'm', msgId: '1' });
      await expect(lost).rejects.toThrow(ConnectionError);
      expect(performance.now() - begin).toBeLessThan(FOUND_OUT_MS + 1_500);
      const again = await producer.produce({ message: 'm', msgId: '1' });
      // Where only the acknowledgement was swallowed, the broker has it already.
      expect(again).toMatchObject({ sequence: 1, duplicate: direction === 'to the client' });
      expect(await producer.produce({ message: 'next', msgId: '2' })).toMatchObject({ sequence: 2 });
    });

    test('a fetch fails within the time of the pings; a loop goes on, with what came meanwhile', async () => {
      const { gate, memphis } = await gated();
      const stationName = broker.stationName();
      const options = {
        stationName,
        batchMaxTimeToWaitMs: 5_000,
        batchSize: 1,
        maxAckTimeMs: 1_000,
        maxMsgDeliveries: 5,
      };
      const fetching = await memphis.consumer({ ...options, consumerName: 'f' });
      const looping = await memphis.consumer({
        ...options,
        consumerName: 'l',
        pullIntervalMs: 1,
      });
      const seen: string[] = [];
      const failures: Error[] = [];
      looping.consume(async (messages, error) => {
        if (error instanceof ConnectionError) failures.push(error);
        for (const message of messages) {
          seen.push(textOf(message));
          await message.ack();
        }
      });
      const fetched = fetching.fetch();
      const failed = expect(fetched).rejects.toThrow(ConnectionError);
      // Both pulls are at the server.
      await memphis.stationExists(stationName);
      gate.swallow(direction);
      const begin = performance.now();
      const other = await broker.client();
      const meanwhile = { stationName, producerName: 'p', message: 'meanwhile' };
      // It goes into the line and is lost there; where only the other direction is dead, it would come.
      if (direction !== 'to the server') await other.produce(meanwhile);
      await failed;
      expect(performance.now() - begin).toBeLessThan(FOUND_OUT_MS + 1_500);
      if (direction === 'to the server') await other.produce(meanwhile);
      await eventually(() => seen.includes('meanwhile'), 'the loop goes on');
      expect(failures).toHaveLength(1);
      expect(await fetching.fetch()).toHaveLength(1);
    });
  },
);

test('a line that swallows everything while non-blocking messages are under way: each failure is told, and the client goes on', async () => {
  const { gate, memphis, errors } = await gated();
  const stationName = broker.stationName();
  const producer = await memphis.producer({ stationName, producerName: 'p' });
  gate.swallow();
  for (let count = 0; count < 50; count += 1) await producer.produce({ message: 'm', nonblocking: true });
  await expect(producer.flush()).rejects.toThrow(ConnectionError);
  expect(errors).toHaveLength(50);
  expect(errors.every((error) => error instanceof MemphisError)).toBe(true);
  await producer.produce({ message: 'again' });
});

test('closing on a line that swallows everything takes a bounded time', async () => {
  const { gate, memphis } = await gated();
  await memphis.producer({ stationName: broker.stationName(), producerName: 'p' });
  gate.swallow();
  const begin = performance.now();
  await memphis.close();
  expect(performance.now() - begin).toBeLessThan(2_900);
});
