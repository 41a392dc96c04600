import { setTimeout as pause } from 'node:timers/promises';
import { NotFoundError, PartialFailureError } from '../../../../src/model/errors';
import type { Memphis } from '../../../../src/runtime/messaging';
import { eventually, TestBroker } from '../../../support/broker';

const broker = TestBroker.forThisFile();

type Removal = (name: string, memphis: Memphis) => Promise<unknown>;

const removals: readonly (readonly [how: string, remove: Removal])[] = [
  [
    'over REST, which the broker tells',
    (name) => broker.rest('DELETE', '/stations/removeStation', { station_names: [name] }),
  ],
  [
    'by another client, which nobody tells',
    async (name) => (await (await broker.client()).station({ name })).destroy(),
  ],
  [
    'by its stream alone, which the broker does not know',
    (name) => broker.jetStream(`STREAM.DELETE.${name}$1`),
  ],
];
const byThisClient: readonly [string, Removal] = [
  'by this client',
  async (name, memphis) => (await memphis.station({ name })).destroy(),
];

/** A client with a station, and all errors that no call could report. */
async function clientWith(name: string): Promise<{ memphis: Memphis; reported: Error[] }> {
  const memphis = await broker.client();
  const reported: Error[] = [];
  memphis.onError((error) => reported.push(error));
  await memphis.station({ name });
  return { memphis, reported };
}

const TIMES = 20;

/** Every 20 ms for a while, which is enough for any loop of errors to show. */
async function overAndOver(call: () => Promise<unknown>): Promise<unknown[]> {
  const errors: unknown[] = [];
  for (let count = 0; count < TIMES; count += 1) {
    await call().catch((error: unknown) => errors.push(error));
    await pause(20);
  }
  return errors;
}

describe.each(removals)('a station that is removed %s', (_how, remove) => {
  test('producer and consumer: one clear error each, and then silence', async () => {
    const name = broker.stationName();
    const { memphis, reported } = await clientWith(name);
    const producer = await memphis.producer({ stationName: name, producerName: 'p' });
    const consumer = await memphis.consumer({
      stationName: name,
      consumerName: 'c',
      batchMaxTimeToWaitMs: 100,
      pullIntervalMs: 1,
    });
    const heard: (Error | undefined)[] = [];
    let polls = 0;
    consumer.consume((_messages, error) => {
      polls += 1;
      if (error instanceof NotFoundError) heard.push(error);
    });
    await remove(name, memphis);
    await eventually(() => heard.length > 0, 'the handler hears of it');
    const lost = producer.produce({ message: 'm' });
    await expect(lost).rejects.toThrow(NotFoundError);
    await expect(lost).rejects.toThrow(/[Cc]reate the station/);
    const before = polls;
    await overAndOver(() => producer.produce({ message: 'm', nonblocking: true }));
    await producer.flush().catch(() => undefined);
    expect([heard.length, polls]).toEqual([1, before]);
    expect(heard[0]?.message).toContain('Create the station and');
    expect(reported.length).toBeLessThanOrEqual(1);
    // Nothing made it again.
    expect(await broker.stream(name)).toBeUndefined();
    // Nothing of it is left to be destroyed, and saying so is no error.
    await Promise.all([producer.destroy(), consumer.destroy()]);
  });

  test.each([
    ['while it waits', false],
    ['while a message is being worked on', true],
  ])('an iteration ends with the error, not as if it had come to its end: %s', async (_when, inTheBody) => {
    const name = broker.stationName();
    const { memphis } = await clientWith(name);
    const consumer = await memphis.consumer({
      stationName: name,
      consumerName: 'c',
      batchSize: 1,
      batchMaxTimeToWaitMs: 2_000,
    });
    await memphis.produce({ stationName: name, producerName: 'p', message: 'm' });
    let seen = 0;
    const iteration = (async () => {
      for await (const message of consumer) {
        await message.ack();
        seen += 1;
        if (!inTheBody) continue;
        await remove(name, memphis);
        await pause(100);
      }
    })();
    const ended = expect(iteration).rejects.toThrow(NotFoundError);
    await eventually(() => seen === 1, 'it runs');
    if (!inTheBody) await remove(name, memphis);
    await ended;
    expect(seen).toBe(1);
    expect(await broker.stream(name)).toBeUndefined();
  });
});

describe.each([...removals.slice(0, 2), byThisClient])(
  'without an object in hand, a station that is removed %s',
  (_how, remove) => {
    const calls: readonly (readonly [
      what: string,
      call: (name: string, memphis: Memphis) => Promise<unknown>,
    ])[] = [
      ['produce', (name, memphis) => memphis.produce({ stationName: name, producerName: 'p', message: 'm' })],
      [
        'produce to several stations',
        (name, memphis) => memphis.produce({ stationName: [name], producerName: 'p', message: 'm' }),
      ],
      [
        'fetchMessages',
        (name, memphis) =>
          memphis.fetchMessages({ stationName: name, consumerName: 'c', batchMaxTimeToWaitMs: 100 }),
      ],
    ];

    test.each(calls)('is an error of each %s, and is made again only on purpose', async (_what, call) => {
      const name = broker.stationName();
      const { memphis } = await clientWith(name);
      await call(name, memphis);
      await remove(name, memphis);
      // What REST removes is told a moment later.
      await eventually(() => call(name, memphis).then(isFine, isOver), 'it is gone');
      const errors = await overAndOver(() => call(name, memphis));
      const reasons = errors.flatMap((error) =>
        error instanceof PartialFailureError ? [...error.failed.values()] : [error],
      );
      expect(reasons.map((reason) => reason instanceof NotFoundError)).toEqual(Array(TIMES).fill(true));
      expect(await broker.stream(name)).toBeUndefined();
      // Whoever wants it makes it again, and then all goes on.
      await (await broker.client()).station({ name });
      await call(name, memphis);
    });
  },
);

const isFine = (): boolean => false;
const isOver = (): boolean => true;

test('a station that this client removed and asks for again is there again for all calls', async () => {
  const name = broker.stationName();
  const { memphis } = await clientWith(name);
  await (await memphis.station({ name })).destroy();
  // A producer that is asked for makes the station, as always.
  const producer = await memphis.producer({ stationName: name, producerName: 'p' });
  await producer.produce({ message: 'm' });
  await memphis.produce({ stationName: name, producerName: 'other', message: 'm' });
  expect((await broker.stream(name))?.state.messages).toBe(2);
});
