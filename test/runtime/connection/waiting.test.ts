import { getEventListeners } from 'node:events';
import { onAbort, untilAborted } from '../../../src/runtime/connection/waiting';

const listenersOn = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;
const never = (): Promise<never> => new Promise(() => undefined);

test('without a signal the work is all there is', async () => {
  await expect(untilAborted(undefined, async () => Promise.resolve(1))).resolves.toBe(1);
});

test('work is not begun when the signal is aborted already', async () => {
  let begun = false;
  const work = async (): Promise<void> => {
    begun = true;
    return Promise.resolve();
  };
  await expect(untilAborted(AbortSignal.abort('no'), work)).rejects.toBe('no');
  expect(begun).toBe(false);
});

// A reason may be anything: AbortController.abort takes every value.
test.each([['a text'], [null], [0], [new Error('x')]])('the reason %p comes as it is', async (reason) => {
  const controller = new AbortController();
  const waiting = untilAborted(controller.signal, never);
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
});

test.each<[why: string, work: () => Promise<number>]>([
  ['it succeeds', async () => Promise.resolve(1)],
  ['it rejects', async () => Promise.reject(new Error('x'))],
  [
    'it throws before it gives a promise',
    () => {
      throw new Error('x');
    },
  ],
])('no listener is left when the work ends: %s', async (_why, work) => {
  const { signal } = new AbortController();
  await untilAborted(signal, work).catch(() => undefined);
  expect(listenersOn(signal)).toBe(0);
});

test('all who wait share one listener, and it goes with the last of them', () => {
  const controller = new AbortController();
  const heard: number[] = [];
  const stops = [1, 2, 3].map((number) => onAbort(controller.signal, () => heard.push(number)));
  expect(listenersOn(controller.signal)).toBe(1);
  stops[0]?.();
  stops[0]?.();
  expect(listenersOn(controller.signal)).toBe(1);
  controller.abort();
  expect(heard).toEqual([2, 3]);
  expect(listenersOn(controller.signal)).toBe(0);
});

test('who comes and goes again and again leaves nothing', () => {
  const { signal } = new AbortController();
  for (let count = 0; count < 3; count += 1) {
    const stop = onAbort(signal, () => undefined);
    expect(listenersOn(signal)).toBe(1);
    stop();
    expect(listenersOn(signal)).toBe(0);
  }
});

test('who leaves while the others are told is not told, and the rest are', () => {
  const controller = new AbortController();
  const heard: string[] = [];
  const stopSecond: { now?: () => void } = {};
  onAbort(controller.signal, () => {
    heard.push('first');
    stopSecond.now?.();
  });
  stopSecond.now = onAbort(controller.signal, () => heard.push('second'));
  onAbort(controller.signal, () => heard.push('third'));
  controller.abort();
  expect(heard).toEqual(['first', 'third']);
  expect(listenersOn(controller.signal)).toBe(0);
});
