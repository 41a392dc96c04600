import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ConnectionError } from '../../../src/model/errors';
import { Retention } from '../../../src/model/retention';
import { LocalBroker } from '../../../src/runtime/broker';
import type { Message } from '../../../src/runtime/messaging';
import { Memphis } from '../../../src/runtime/messaging';
import { eventually, TestBroker } from '../../support/broker';
import { Gate } from './gate';

const broker = TestBroker.forThisFile();

/** What a test has started; ended after it, also when it fails. */
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const textOf = (message: Message): string => Buffer.from(message.getData()).toString();

async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

test('kill -9 and restart in full traffic: what was acknowledged is stored exactly once, delivered, and in order', async () => {
  const store = await mkdtemp(path.join(tmpdir(), 'cdktf-memphis-faults-'));
  cleanUps.push(() => rm(store, { recursive: true, force: true }));
  let current = await LocalBroker.start({ store });
  cleanUps.push(() => current.stop());
  const { port } = current;
  const memphis = new Memphis();
  cleanUps.push(() => memphis.close());
  memphis.onError(() => undefined);
  const login = { host: '127.0.0.1', username: 'root', password: 'memphis' };
  await memphis.connect({ ...login, port, reconnectIntervalMs: 20 });
  await memphis.station({ name: 'st', partitionsNumber: 2 });
  const consumer = await memphis.consumer({
    stationName: 'st',
    consumerName: 'c',
    batchSize: 50,
    batchMaxTimeToWaitMs: 100,
    pullIntervalMs: 0,
    maxAckTimeMs: 2_000,
    maxMsgDeliveries: 10,
  });
  const first: Record<number, number[]> = { 1: [], 2: [] };
  const delivered = new Set<string>();
  consumer.consume(async (messages) => {
    for (const message of messages) {
      const text = textOf(message);
      if (!delivered.has(text))
        first[message.getPartitionNumber() ?? 0]?.push(message.getSequenceNumber() ?? 0);
      delivered.add(text);
      await message.ack().catch(() => undefined);
    }
  });

  const acknowledged: string[] = [];
  let stopping = false;
  const producer = await memphis.producer({ stationName: 'st', producerName: 'p' });
  /** Sends one message after the other into one partition, each until it is acknowledged. */
  const produce = async (producerPartitionNumber: number): Promise<void> => {
    for (let number = 1; !stopping; number += 1) {
      const message = `${producerPartitionNumber}-${number}`;
      for (let isStored = false; !isStored;) {
        isStored = await producer
          .produce({ message, msgId: message, producerPartitionNumber, ackWaitSec: 2 })
          .then(() => true)
          .catch(() => pause(5).then(() => false));
      }
      acknowledged.push(message);
    }
  };
  const producing = [produce(1), produce(2)];
  for (const end of ['kill', 'stop'] as const) {
    const before = acknowledged.length;
    await eventually(() => acknowledged.length > before + 100, 'traffic');
    await current[end]();
    current = await LocalBroker.start({ store, port });
    await eventually(() => memphis.isConnected(), 'the connection is back');
  }
  await pause(200);
  stopping = true;
  await Promise.all(producing);

  const stored: string[] = [];
  for (const consumerPartitionNumber of [1, 2]) {
    const judge = await memphis.consumer({
      stationName: 'st',
      consumerName: `judge${consumerPartitionNumber}`,
      batchMaxTimeToWaitMs: 300,
    });
    for (let batch = 1; batch > 0;) {
      const messages = await judge.fetch({ batchSize: 5000, consumerPartitionNumber });
      stored.push(...messages.map(textOf));
      batch = messages.length;
    }
  }
  expect(stored.sort()).toEqual([...acknowledged].sort());
  await eventually(
    () => stored.every((text) => delivered.has(text)),
    'everything that is stored is delivered',
  );
  for (const sequences of Object.values(first))
    expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
});

test('a half-open connection, which swallows everything: found out within two pings, and a new one is made', async () => {
  const gate = await Gate.before(broker.options.port);
  cleanUps.push(() => gate.close());
  const memphis = await broker.client({ port: gate.port, pingIntervalMs: 150, reconnectIntervalMs: 20 });
  const stationName = broker.stationName();
  const producer = await memphis.producer({ stationName, producerName: 'p' });
  gate.swallow();
  const begin = performance.now();
  await expect(producer.produce({ message: 'swallowed' })).rejects.toThrow(ConnectionError);
  expect(performance.now() - begin).toBeLessThan(1_000);
  expect(await producer.produce({ message: 'again' })).toMatchObject({ sequence: 1 });
});

test('deadLetter on an ACK_BASED station holds the message, so that the broker can still read it', async () => {
  const name = broker.stationName();
  const memphis = await broker.client();
  await memphis.station({ name, retentionType: Retention.ACK_BASED });
  const consumer = await memphis.consumer({
    stationName: name,
    consumerName: 'c',
    maxAckTimeMs: 400,
    maxMsgDeliveries: 5,
    batchMaxTimeToWaitMs: 1_500,
  });
  await memphis.produce({ stationName: name, producerName: 'p', message: 'm' });
  const [message] = await consumer.fetch({ batchSize: 1 });
  await message?.deadLetter('bad');
  // It is not delivered again although its ack time is over, and it is still there.
  expect(await consumer.fetch({ batchSize: 1 })).toEqual([]);
  expect((await broker.stream(name))?.state.messages).toBe(1);
  expect((await broker.durable(name, 1, 'c'))?.num_ack_pending).toBe(1);
});

test('a slow handler: no more than one batch is in memory, whatever waits in the station', async () => {
  const name = broker.stationName();
  const memphis = await broker.client();
  for (let count = 0; count < 3_000; count += 1) {
    await memphis.produce({ stationName: name, producerName: 'p', message: 'm', nonblocking: true });
  }
  await memphis.flush();
  const consumer = await memphis.consumer({
    stationName: name,
    consumerName: 'c',
    batchSize: 20,
    pullIntervalMs: 0,
  });
  let handled = 0;
  let most = 0;
  consumer.consume(async (messages) => {
    most = Math.max(most, (await broker.durable(name, 1, 'c'))?.num_ack_pending ?? 0);
    await pause(20);
    for (const message of messages) await message.ack();
    handled += messages.length;
  });
  await eventually(() => handled >= 100, 'five slow batches');
  await consumer.destroy();
  // The acks of the batches before may still be on their way; three thousand wait.
  expect(most).toBeLessThanOrEqual(100);
});
