import { setTimeout as pause } from 'node:timers/promises';
import type { Step } from './step';
import { pythonStep, step } from './step';
import type { Options, Tour } from './tour';
import { bytes, kept } from './tour';
import { connected, firstData, headers, unheard } from './produce-support';

interface Flood {
  readonly ms: number;
  readonly errors: readonly string[];
}

/** The same call many times, from within the process of the client. */
const flood = (tour: Tour, on: string, count: number, options: Options): Promise<Flood> =>
  tour.sdk.call('driver', 'flood', [{ $value: { on, method: 'produce', count, options } }]);

export const producers: readonly Step[] = [
  step(
    'PRO-1, PRO-2, PRO-3',
    'a producer is registered once, under its name in small letters',
    async (tour) => {
      const name = await tour.station();
      const one = await tour.producer(name, { producerName: 'My.Producer' });
      const other = await tour.producer(name, { producerName: 'my.producer' });
      expect(await tour.sdk.call('driver', 'isSame', [kept(one), kept(other)])).toBe(true);
      expect(await connected(tour, name)).toEqual(['my.producer']);
      await tour.produce(one, 'x');
      expect((await tour.broker.storedMessage(name, 1, 1)).headers).toContain(
        '$memphis_producedBy: my.producer',
      );
    },
  ),
  step('PRO-4', 'a random suffix is another producer', async (tour) => {
    const name = await tour.station();
    await tour.producer(name);
    const suffix = tour.isPython ? { generateRandomSuffix: true } : { genUniqueSuffix: true };
    await tour.producer(name, suffix);
    expect((await connected(tour, name)).sort()).toEqual(['p', expect.stringMatching(/^p_[0-9a-f]{8}$/)]);
  }),
  step('PRO-5', 'destroy: it is gone at the broker; a second time is no error', async (tour) => {
    const name = await tour.station();
    const producer = await tour.producer(name);
    await tour.produce(producer, 'x', { nonblocking: true });
    await tour.sdk.call(producer, 'destroy');
    expect(await connected(tour, name)).toEqual([]);
    await tour.eventuallyStored(name, 1);
    const again = tour.sdk.call(producer, 'destroy');
    // The Python client does not find it in its own list.
    if (tour.isPython) await expect(again).rejects.toThrow();
    else await again;
  }),
  step('NBL-1', 'a thousand messages without waiting: all are stored', async (tour) => {
    const name = await tour.station();
    const producer = await tour.producer(name);
    const options = tour.produceOptions('x', { nonblocking: true });
    const { errors } = await flood(tour, producer, 1_000, options);
    expect(errors).toEqual([]);
    await tour.eventuallyStored(name, 1_000);
  }),
  step('NBL-2', 'without waiting on the connection, in Python by the older name', async (tour) => {
    const name = await tour.station();
    const options = { message: bytes('x'), asyncProduce: true, stationName: name, producerName: 'p' };
    expect((await flood(tour, 'memphis', 20, options)).errors).toEqual([]);
    await tour.eventuallyStored(name, 20);
  }),
  pythonStep('NBL-3, NBL-4', 'at the limit for what is under way the call waits', async (tour) => {
    // Nothing is acknowledged here, so that all is under way until its time is over.
    const producer = await unheard(tour);
    const limited = { nonblocking: true, ackWaitSec: 3, concurrentTaskLimit: 5 };
    const options = tour.produceOptions('x', limited);
    expect((await flood(tour, producer, 4, options)).ms).toBeLessThan(1_000);
    expect((await flood(tour, producer, 1, options)).ms).toBeGreaterThan(1_000);
  }),
  step('NBL-5', 'with empty headers', async (tour) => {
    const name = await tour.station();
    const options = { nonblocking: true, headers: await headers(tour, {}) };
    await tour.produce(await tour.producer(name), 'x', options);
    await tour.eventuallyStored(name, 1);
  }),
  step(
    'MUL-1, MUL-2, MUL-5',
    'a producer on two stations: nothing is asked for before the first message',
    async (tour) => {
      const names = [await tour.station(), await tour.station()];
      const producer = await tour.producer(names);
      for (const name of names) expect(await connected(tour, name)).toEqual([]);
      await tour.produce(producer, 'some message');
      for (const name of names) {
        expect((await firstData(tour, name)).toString()).toBe('some message');
        expect(await connected(tour, name)).toEqual(['p']);
      }
      await tour.sdk.call(producer, 'destroy');
      for (const name of names) expect(await connected(tour, name)).toEqual([]);
    },
  ),
  step('MUL-3', 'on the connection to two stations', async (tour) => {
    const names = [await tour.station(), await tour.station()];
    await tour.produce('memphis', 'x', { stationName: names, producerName: 'p' });
    for (const name of names) expect(await tour.stored(name)).toBe(1);
  }),
  step(
    'MUL-4',
    'a failure in the middle: those before it are served, those after it are not',
    async (tour) => {
      const first = await tour.station();
      const second = await tour.stationWithSchema('json', '{"type":"object","required":["a"]}');
      const third = await tour.station();
      const producer = await tour.producer([first, second, third]);
      await expect(tour.produce(producer, { b: 1 })).rejects.toThrow('Schema validation has failed');
      await pause(50);
      expect(await Promise.all([first, second, third].map((name) => tour.stored(name)))).toEqual([1, 0, 0]);
    },
  ),
];
