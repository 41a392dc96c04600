import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ClosedError, ConnectionError, TimeoutError } from '../../../../src/model/errors';
import { LocalBroker } from '../../../../src/runtime/broker';
import { Memphis } from '../../../../src/runtime/messaging';
import { ClientConnection } from '../../../../src/runtime/messaging/connection/client-connection';
import { completeConnectOptions } from '../../../../src/runtime/messaging/connection/connect-options';
import { ErrorListeners } from '../../../../src/runtime/messaging/connection/error-listeners';
import { Publisher } from '../../../../src/runtime/messaging/produce/publisher';
import { eventually } from '../../../support/broker';
import { many } from '../../../support/random';
import { BareServer } from '../bare-server';
import { Gate } from '../gate';

/** What a test has started; ended after it, also when it fails. */
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function gated(): Promise<{ readonly gate: Gate; readonly port: number }> {
  const server = await BareServer.start('');
  cleanUps.push(() => server.kill());
  const gate = await Gate.before(server.port);
  cleanUps.push(() => gate.close());
  return { gate, port: gate.port };
}

async function connected(port: number, options: object): Promise<{ memphis: Memphis; errors: Error[] }> {
  const memphis = new Memphis();
  const errors: Error[] = [];
  memphis.onError((error) => errors.push(error));
  await memphis.connect({ host: '127.0.0.1', port, username: 'root', password: 'memphis', ...options });
  cleanUps.push(() => memphis.close());
  return { memphis, errors };
}

test('a broker that restarts: producer, consumer loop and broadcasts go on with the same objects', async () => {
  const store = await mkdtemp(path.join(tmpdir(), 'cdktf-memphis-reconnect-'));
  cleanUps.push(() => rm(store, { recursive: true, force: true }));
  const first = await LocalBroker.start({ store });
  cleanUps.push(() => first.stop());
  const { port } = first;
  const { memphis } = await connected(port, { reconnectIntervalMs: 50 });
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
  await first.kill();
  await eventually(() => !memphis.isConnected(), 'the loss is seen');
  // Made while there is no connection: it waits and is not lost.
  const meanwhile = producer.produce({ message: 'meanwhile' });
  await eventually(() => failures.length > 0, 'the handler hears of the loss');
  const second = await LocalBroker.start({ store, port });
  cleanUps.push(() => second.stop());
  await eventually(() => memphis.isConnected(), 'the connection is back');
  await meanwhile;
  await producer.produce({ message: 'after' });
  await eventually(() => seen.includes('after'), 'the message after');
  // The kill may have come before the broker stored an ack, so a message may come twice; none is lost or out of order.
  expect([...new Set(seen)]).toEqual(['before', 'meanwhile', 'after']);
});

test('an iteration goes on when a broker is stopped and started, and its consumer is not called gone', async () => {
  const store = await mkdtemp(path.join(tmpdir(), 'cdktf-memphis-reconnect-'));
  cleanUps.push(() => rm(store, { recursive: true, force: true }));
  let broker = await LocalBroker.start({ store });
  cleanUps.push(() => broker.stop());
  const { port } = broker;
  const { memphis, errors } = await connected(port, { reconnectIntervalMs: 50 });
  await memphis.station({ name: 'st' });
  const consumers = await Promise.all(
    Array.from({ length: 8 }, (_value, index) =>
      memphis.consumer({ stationName: 'st', consumerName: `c${index}`, batchSize: 1 }),
    ),
  );
  const seen = consumers.map(() => new Set<number | undefined>());
  const iterations = consumers.map(async (consumer, index) => {
    for await (const message of consumer) {
      seen[index]?.add(message.getSequenceNumber());
      await message.ack().catch(() => undefined);
    }
  });
  const ends: unknown[] = [];
  for (const iteration of iterations)
    iteration.then(
      () => ends.push('ended'),
      (error: unknown) => ends.push(error),
    );
  const fetches: unknown[] = [];
  const fetching = { stationName: 'st', consumerName: 'f', batchSize: 1, batchMaxTimeToWaitMs: 100 };
  const state = { isOver: false };
  const fetched = (async () => {
    while (!state.isOver)
      await memphis.fetchMessages(fetching).catch((error: unknown) => fetches.push(error));
  })();
  let produced = 0;
  for (let restarts = 0; restarts < many(2); restarts += 1) {
    for (let count = 0; count < 20; count += 1) {
      await memphis.produce({ stationName: 'st', producerName: 'p', message: 'm' });
      produced += 1;
    }
    await broker.stop();
    await eventually(() => !memphis.isConnected(), 'the loss is seen');
    broker = await LocalBroker.start({ store, port });
    await eventually(() => memphis.isConnected(), 'the connection is back');
  }
  await memphis.produce({ stationName: 'st', producerName: 'p', message: 'last' });
  produced += 1;
  await eventually(() => seen.every(({ size }) => size === produced), 'each iteration has seen all');
  expect(ends).toEqual([]);
  state.isOver = true;
  await fetched;
  expect(fetches.filter((error) => !(error instanceof ConnectionError))).toEqual([]);
  expect(errors.filter((error) => !(error instanceof ConnectionError))).toEqual([]);
  for (const consumer of consumers) await consumer.destroy();
  await Promise.all(iterations);
});

test('a loop ends when the connection is closed for good, after its handler has heard of it once', async () => {
  const broker = await LocalBroker.start();
  cleanUps.push(() => broker.stop());
  const { memphis } = await connected(broker.port, { reconnect: false });
  await memphis.station({ name: 'st' });
  const options = { stationName: 'st', batchMaxTimeToWaitMs: 100 };
  const looping = await memphis.consumer({ ...options, consumerName: 'l' });
  const iterated = await memphis.consumer({ ...options, consumerName: 'i' });
  const heard: unknown[] = [];
  looping.consume((_messages, error) => {
    if (!(error instanceof TimeoutError)) heard.push(error);
  });
  const iteration = (async () => {
    for await (const message of iterated) await message.ack();
  })();
  const ended = expect(iteration).rejects.toThrow(ClosedError);
  await broker.kill();
  await ended;
  await eventually(() => heard.some((error) => error instanceof ClosedError), 'the handler hears of it');
  const before = heard.length;
  // The next poll would follow within two pauses, of a quarter and of half a second.
  await new Promise((resolve) => setTimeout(resolve, 900));
  expect(heard).toHaveLength(before);
  expect(heard.filter((error) => error instanceof ClosedError)).toHaveLength(1);
});

test('an acknowledgement that the loss of the connection took away is an error at once', async () => {
  const { gate, port } = await gated();
  const connection = await ClientConnection.open(
    completeConnectOptions({ host: '127.0.0.1', port, username: 'u', password: 'p', reconnect: false }),
    new ErrorListeners(),
  );
  cleanUps.push(() => connection.close());
  // Somebody listens and says nothing, so that the acknowledgement is still to come.
  connection.nats.subscribe('silent');
  await connection.flush(1_000);
  const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const begin = performance.now();
  const publisher = new Publisher(connection);
  const lost = new Promise((stored, failed) => {
    publisher.publish({
      subject: 'silent',
      payload: new Uint8Array(1),
      headers: { bytes: Buffer.from('NATS/1.0\r\n\r\n'), bytesForStockServer: 0 },
      id: 0,
      deadline: 0,
      ackWaitMs: 15_000,
      attempted: 'produce',
      stored,
      failed,
    });
  });
  const failed = expect(lost).rejects.toThrow('the connection was lost before the acknowledgement');
  gate.cutOff();
  await failed;
  expect(performance.now() - begin).toBeLessThan(3_000);
  warnings.mockRestore();
});

test('maxReconnect is the exact number of tries, at the interval asked for (SDK defect: at most 9)', async () => {
  const { gate, port } = await gated();
  const { memphis, errors } = await connected(port, { maxReconnect: 11, reconnectIntervalMs: 40 });
  gate.cutOff();
  await eventually(() => errors.length > 0, 'it gives up');
  expect(gate.knocks).toHaveLength(11);
  const pauses = gate.knocks.slice(1).map((knock, index) => knock - (gate.knocks[index] ?? 0));
  expect(pauses.reduce((sum, pause) => sum + pause, 0)).toBeGreaterThan(10 * 35);
  expect(memphis.isConnected()).toBe(false);
  await expect(memphis.station({ name: 's' })).rejects.toThrow(ClosedError);
});

test('reconnect off: the first loss ends the connection, and nobody knocks', async () => {
  const { gate, port } = await gated();
  const { memphis } = await connected(port, { reconnect: false, reconnectIntervalMs: 20 });
  gate.cutOff();
  await eventually(() => !memphis.isConnected(), 'the loss is seen');
  await expect(memphis.station({ name: 's' })).rejects.toThrow(ClosedError);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(gate.knocks).toEqual([]);
});

test('a server that accepts and says nothing: the sockets of failed tries are closed, at most the last is open', async () => {
  const { gate, port } = await gated();
  const { memphis } = await connected(port, { reconnectIntervalMs: 10, timeoutMs: 60 });
  gate.cutOffAndKeepSilent();
  await eventually(() => gate.knocks.length >= 5, 'five tries');
  // A socket that leaks is never closed; one that is closed may take its time on a busy machine.
  await eventually(() => gate.open <= 2, 'the sockets of failed tries are closed');
  await memphis.close();
  await eventually(() => gate.open === 0, 'all sockets are closed');
});
