import { setTimeout as pause } from 'node:timers/promises';
import { PrefetchCache } from '../../../../src/runtime/messaging/consume/prefetch-cache';

const ticks = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A cache whose loads give `<partition>.<number>`, and what was asked of it. */
function cache(maxAckTimeMs = 60_000) {
  const asked: [partition: number, count: number][] = [];
  const made = new PrefetchCache<string>(maxAckTimeMs, async (partition, count) => {
    asked.push([partition, count]);
    await ticks();
    return Array.from({ length: Math.min(count, 4) }, (_value, index) => `${partition}.${index}`);
  });
  return { made, asked };
}

test('what was loaded is given out once, in order, for its own partition only', async () => {
  const { made } = cache();
  made.fill(1, 4, 100);
  expect(await made.take(2, 10)).toEqual([]);
  expect(await made.take(1, 3)).toEqual(['1.0', '1.1', '1.2']);
  expect(await made.take(1, 3)).toEqual(['1.3']);
  expect(await made.take(1, 3)).toEqual([]);
});

test('one load at a time, and never more than a pull may ask for', async () => {
  const { made, asked } = cache();
  made.fill(1, 9_999, 100);
  made.fill(1, 5, 100);
  made.fill(2, 5, 100);
  await ticks();
  expect(asked).toEqual([
    [1, 5_000],
    [2, 5],
  ]);
});

test('a message whose time to acknowledge is over is not given out: the broker delivers it again', async () => {
  const { made } = cache(20);
  made.fill(1, 4, 100);
  await pause(50);
  expect(await made.take(1, 10)).toEqual([]);
});

test('cleared is cleared, also for a load that is under way', async () => {
  const { made } = cache();
  made.fill(1, 4, 100);
  made.clear();
  expect(await made.take(1, 10)).toEqual([]);
});

test('the error of a load in the background is told once', async () => {
  const made = new PrefetchCache<string>(1_000, () => Promise.reject(new Error('gone')));
  made.fill(1, 1, 100);
  await expect(made.take(1, 1)).rejects.toThrow('gone');
  expect(await made.take(1, 1)).toEqual([]);
});

test('the failure of one partition is none of another, and hides nothing that was loaded', async () => {
  const made = new PrefetchCache<string>(60_000, (partition) =>
    partition === 1 ? Promise.reject(new Error('of 1')) : Promise.resolve(['a']),
  );
  made.fill(1, 1, 100);
  made.fill(2, 1, 100);
  await ticks();
  expect(await made.take(2, 1)).toEqual(['a']);
  await expect(made.take(1, 1)).rejects.toThrow('of 1');
});
