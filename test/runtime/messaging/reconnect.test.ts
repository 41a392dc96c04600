import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ClosedError, ConnectionError } from '../../../src/model/errors';
import { LocalBroker } from '../../../src/runtime/broker';
import { Memphis } from '../../../src/runtime/messaging';
import { ClientConnection } from '../../../src/runtime/messaging/client-connection';
import { completeConnectOptions } from '../../../src/runtime/messaging/connect-options';
import { ErrorListeners } from '../../../src/runtime/messaging/error-listeners';
import { Publisher } from '../../../src/runtime/messaging/publisher';
import { eventually } from '../../support/broker';
import { BareServer } from './bare-server';

/** Counts who knocks at a port and sends everybody away. */
async function doorkeeper(port: number): Promise<{ readonly knocks: number[]; close(): Promise<void> }> {
  const knocks: number[] = [];
  const server = createServer((socket) => {
    knocks.push(performance.now());
    socket.on('error', () => undefined).destroy();
  });
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(port, '127.0.0.1', resolve),
  );
  expect((server.address() as AddressInfo).port).toBe(port);
  return {
    knocks,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}

async function connected(port: number, options: object): Promise<{ memphis: Memphis; errors: Error[] }> {
  const memphis = new Memphis();
  const errors: Error[] = [];
  memphis.onError((error) => errors.push(error));
  await memphis.connect({ host: '127.0.0.1', port, username: 'root', password: 'memphis', ...options });
  return { memphis, errors };
}

test('a broker that restarts: producer, consumer loop and broadcasts go on with the same objects', async () => {
  const store = await mkdtemp(path.join(tmpdir(), 'cdktf-memphis-reconnect-'));
  let broker = await LocalBroker.start({ store });
  const { port } = broker;
  const { memphis } = await connected(port, { reconnectIntervalMs: 50 });
  try {
    await memphis.station({ name: 'st' });
    const producer = await memphis.producer({ stationName: 'st', producerName: 'p' });
    const consumer = await memphis.consumer({
      stationName: 'st',
      consumerName: 'c',
      batchMaxTimeToWaitMs: 200,
      pullIntervalMs: 10,
    });
    const seen: string[] = [];
    const failures: Error[] = [];
    consumer.consume(async (messages, error) => {
      if (error instanceof ConnectionError) failures.push(error);
      for (const message of messages) {
        seen.push(Buffer.from(message.getData()).toString());
        await message.ack();
      }
    });
    await producer.produce({ message: 'before' });
    await eventually(() => seen.includes('before'), 'the message before');
    await broker.kill();
    await eventually(() => !memphis.isConnected(), 'the loss is seen');
    // Made while there is no connection: it waits and is not lost.
    const meanwhile = producer.produce({ message: 'meanwhile' });
    await eventually(() => failures.length > 0, 'the handler hears of the loss');
    broker = await LocalBroker.start({ store, port });
    await eventually(() => memphis.isConnected(), 'the connection is back');
    await meanwhile;
    await producer.produce({ message: 'after' });
    await eventually(() => seen.includes('after'), 'the message after');
    expect(seen).toEqual(['before', 'meanwhile', 'after']);
  } finally {
    await memphis.close();
    await broker.stop();
    await rm(store, { recursive: true, force: true });
  }
});

test('an acknowledgement that the loss of the connection took away is an error at once', async () => {
  const server = await BareServer.start('');
  const connection = await ClientConnection.open(
    completeConnectOptions({
      host: '127.0.0.1',
      port: server.port,
      username: 'u',
      password: 'p',
      reconnect: false,
    }),
    new ErrorListeners(),
  );
  connection.nats.subscribe('silent');
  await connection.flush(1_000);
  const begin = performance.now();
  const lost = new Publisher(connection).publish(
    'silent',
    new Uint8Array(1),
    Buffer.from('NATS/1.0\r\n\r\n'),
    15_000,
    'produce',
  );
  const failed = expect(lost).rejects.toThrow('the connection was lost before the acknowledgement');
  await server.kill();
  await failed;
  expect(performance.now() - begin).toBeLessThan(3_000);
  await connection.close();
});

test('maxReconnect is the exact number of tries, at the interval asked for (SDK defect: at most 9)', async () => {
  const server = await BareServer.start('');
  const { memphis, errors } = await connected(server.port, { maxReconnect: 11, reconnectIntervalMs: 40 });
  await server.kill();
  const door = await doorkeeper(server.port);
  await eventually(() => errors.length > 0, 'it gives up');
  expect(door.knocks.length).toBeGreaterThanOrEqual(10);
  // The first try may come before the doorkeeper is there.
  expect(door.knocks.length).toBeLessThanOrEqual(11);
  const pauses = door.knocks.slice(1).map((knock, index) => knock - (door.knocks[index] ?? 0));
  expect(Math.min(...pauses)).toBeGreaterThan(30);
  expect(memphis.isConnected()).toBe(false);
  await expect(memphis.station({ name: 's' })).rejects.toThrow(ClosedError);
  await door.close();
  await memphis.close();
});

test('reconnect off: the first loss ends the connection, and nobody knocks', async () => {
  const server = await BareServer.start('');
  const { memphis } = await connected(server.port, { reconnect: false, reconnectIntervalMs: 20 });
  await server.kill();
  const door = await doorkeeper(server.port);
  await eventually(() => !memphis.isConnected(), 'the loss is seen');
  await expect(memphis.station({ name: 's' })).rejects.toThrow(ClosedError);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(door.knocks).toEqual([]);
  await door.close();
  await memphis.close();
});
