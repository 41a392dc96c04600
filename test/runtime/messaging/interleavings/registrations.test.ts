import { setTimeout as pause } from 'node:timers/promises';
import type { Msg } from 'nats';
import { NotFoundError, TimeoutError } from '../../../../src/model/errors';
import { eventually } from '../../../support/broker';
import { registered, removal, scriptedForThisFile } from './scripted';

const { on, client, say, removeStream, jetStream } = scriptedForThisFile();

const ok = (message: Msg): unknown => message.respond(registered());
const done = (message: Msg): unknown => message.respond('');
beforeEach(() => void jest.spyOn(Math, 'random').mockReturnValue(0.01));

test.each(['producer', 'consumer'] as const)(
  'a %s that registers again while the connection is lost once more does not make a station that was removed meanwhile',
  async (kind) => {
    await on('$memphis_producer_destructions', done);
    const creations = await on(`$memphis_${kind}_creations`, (message, count) => count === 1 && ok(message));
    const { gate, memphis } = await client();
    if (kind === 'producer') await memphis.producer({ stationName: 'st', producerName: 'p' });
    else await memphis.consumer({ stationName: 'st', consumerName: 'c' });
    gate.cutOnce();
    await eventually(() => creations.length === 2, 'it registers again, and gets no answer yet');
    gate.cutOff();
    await eventually(() => !memphis.isConnected(), 'lost again');
    await removeStream();
    gate.letIn();
    await eventually(() => memphis.isConnected(), 'back again');
    await pause(400);
    expect(creations).toHaveLength(2);
  },
);

test('a station that is removed while its flags are asked for is not made again', async () => {
  const held: Msg[] = [];
  await on('$memphis_producer_destructions', (message) => held.push(message));
  const creations = await on('$memphis_producer_creations', ok);
  const { memphis } = await client();
  await memphis.producer({ stationName: 'st', producerName: 'p' });
  await say('$memphis_sdk_clients_updates', { station_name: 'st', type: 'schemaverse_to_dls', update: true });
  await eventually(() => held.length === 1, 'the old registration goes first');
  await removeStream();
  await say('$memphis_sdk_clients_updates', removal);
  held[0]?.respond('');
  await pause(300);
  expect(creations).toHaveLength(1);
});

test('a frozen station costs no registration for each message, and takes messages again when it is open', async () => {
  const creations = await on('$memphis_producer_creations', ok);
  const stream = { name: 'st$1', storage: 'memory' };
  await jetStream('STREAM.UPDATE.st$1', { ...stream, subjects: ['frozen'] });
  const { memphis } = await client();
  const produce = () => memphis.produce({ stationName: 'st', producerName: 'p', message: 'x' });
  for (let count = 0; count < 5; count += 1) await expect(produce()).rejects.toThrow(NotFoundError);
  await jetStream('STREAM.UPDATE.st$1', { ...stream, subjects: ['st$1.final'] });
  expect(await produce()).toMatchObject({ sequence: 1 });
  expect(creations).toHaveLength(1);
});

test('a station that is another by now, with other partitions, is told as removed', async () => {
  let partitions = [1];
  await on('$memphis_producer_destructions', done);
  await on('$memphis_producer_creations', (message) =>
    message.respond(registered({ partitions_update: { partitions_list: partitions } })),
  );
  const { memphis, gate } = await client();
  const producer = await memphis.producer({ stationName: 'st', producerName: 'p' });
  partitions = [1, 2, 3];
  gate.cutOnce();
  const failure = async (): Promise<unknown> =>
    producer.produce({ message: 'x' }).catch((error: unknown) => error);
  await eventually(async () => (await failure()) instanceof NotFoundError, 'the producer has ended');
  const again = await memphis.producer({ stationName: 'st', producerName: 'p' });
  expect(again.partitionNumbers).toEqual([1, 2, 3]);
});

test('a producer that is being destroyed still learns the flags, for those that stay', async () => {
  let wanted = false;
  await removeStream();
  await on('st$1.final', () => undefined);
  await on('$memphis_producer_destructions', done);
  const schema = {
    schema_name: 's',
    type: 'json',
    active_version: { version_number: 1, schema_content: '{"type":"object"}' },
  };
  const creations = await on('$memphis_producer_creations', (message) =>
    message.respond(registered({ schemaverse_to_dls: wanted, schema_update: schema })),
  );
  const records = await on('$memphis_schemaverse_dls', () => undefined);
  const { memphis } = await client();
  const leaving = await memphis.producer({ stationName: 'st', producerName: 'p1' });
  const staying = await memphis.producer({ stationName: 'st', producerName: 'p2' });
  await leaving.produce({ message: { a: 1 }, nonblocking: true, ackWaitSec: 1 });
  const destroyed = leaving.destroy();
  wanted = true;
  await say('$memphis_sdk_clients_updates', {
    station_name: 'st',
    type: 'schemaverse_to_dls',
    update: false,
  });
  await eventually(() => creations.length === 3, 'the flags are asked for');
  await eventually(async () => {
    await staying.produce({ message: 'no object' }).catch(() => undefined);
    return records.length > 0;
  }, 'a message that breaks the schema is recorded');
  await destroyed;
});

test('a removal that is told while a producer registers ends its creation, and a new call works', async () => {
  const held: Msg[] = [];
  await on('$memphis_producer_creations', (message, count) =>
    count === 2 ? held.push(message) : ok(message),
  );
  const { memphis } = await client();
  await memphis.producer({ stationName: 'st', producerName: 'first' });
  const making = memphis.producer({ stationName: 'st', producerName: 'p' });
  await eventually(() => held.length === 1, 'it registers');
  await say('$memphis_sdk_clients_updates', removal);
  await memphis.stationExists('st');
  held[0]?.respond(registered());
  await expect(making).rejects.toThrow(NotFoundError);
  const producer = await memphis.producer({ stationName: 'st', producerName: 'p' });
  expect(await producer.produce({ message: 'x' })).toMatchObject({ sequence: 1 });
});

test.each([
  ['the old one waits for an acknowledgement', 'destroy'],
  ['the old one registers again at that moment', 'late reply'],
])(
  'a producer made right after the destruction of another of its name stays registered: %s',
  async (_how, way) => {
    const order: string[] = [];
    const held: Msg[] = [];
    if (way === 'destroy') {
      await removeStream();
      await on('st$1.final', (message) => setTimeout(() => message.respond('{"stream":"s","seq":1}'), 200));
    }
    await on('$memphis_producer_destructions', (message) => {
      order.push('destroyed');
      message.respond('');
    });
    const creations = await on('$memphis_producer_creations', (message, count) => {
      order.push('created');
      if (way === 'late reply' && count === 2) held.push(message);
      else ok(message);
    });
    const { memphis, gate } = await client();
    const old = await memphis.producer({ stationName: 'st', producerName: 'p' });
    if (way === 'late reply') {
      gate.cutOnce();
      await eventually(() => creations.length === 2, 'it registers again');
    } else {
      await old.produce({ message: 'x', nonblocking: true });
    }
    const gone = old.destroy();
    if (way === 'late reply') await gone;
    await memphis.producer({ stationName: 'st', producerName: 'p' });
    held[0]?.respond(registered());
    await gone;
    await memphis.stationExists('st');
    expect(order.at(-1)).toBe('created');
  },
);

test('a consumer whose destruction did not get through is not registered once more', async () => {
  const creations = await on('$memphis_consumer_creations', ok);
  const { memphis, gate } = await client();
  const consumer = await memphis.consumer({ stationName: 'st', consumerName: 'c' });
  gate.cutOff();
  await eventually(() => !memphis.isConnected(), 'lost');
  await expect(consumer.destroy({ signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
    name: 'TimeoutError',
  });
  gate.letIn();
  await eventually(() => memphis.isConnected(), 'back');
  await pause(200);
  expect(creations).toHaveLength(1);
});

test('a station without an answer holds up no other when all are asked again', async () => {
  const names = Array.from({ length: 10 }, (_value, index) => `x${index}`);
  for (const name of names) {
    await jetStream(`STREAM.CREATE.${name}$1`, {
      name: `${name}$1`,
      subjects: [`${name}$1.final`],
      storage: 'memory',
    });
  }
  await on('$memphis_producer_destructions', done);
  const asked = new Set<string>();
  let again = false;
  await on('$memphis_producer_creations', (message) => {
    const { station_name: station } = message.json<{ station_name: string }>();
    if (again) asked.add(station);
    if (!again || station !== 'x0') ok(message);
  });
  const { memphis, gate } = await client();
  for (const stationName of names) await memphis.producer({ stationName, producerName: 'p' });
  again = true;
  gate.cutOnce();
  await eventually(() => asked.size === names.length, 'all are asked');
});

test('flush and close are not held up by a producer that is being made', async () => {
  await on('$memphis_producer_creations', () => undefined);
  const { memphis } = await client();
  const making = memphis.producer({ stationName: 'st', producerName: 'p', timeoutRetries: 0 });
  const ended = expect(making).rejects.toThrow();
  const begin = performance.now();
  await expect(memphis.flush({ timeoutMs: 100 })).rejects.toThrow(TimeoutError);
  await memphis.close({ signal: AbortSignal.timeout(100) });
  await ended;
  expect(performance.now() - begin).toBeLessThan(3_000);
});
