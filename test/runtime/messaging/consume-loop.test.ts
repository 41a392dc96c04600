import { setTimeout as sleep } from 'node:timers/promises';
import { ConsumeLoop } from '../../../src/runtime/messaging/consume-loop';

/** Milliseconds from the end of a poll to the begin of the next: the middle one of three. */
async function pause(pullIntervalMs: number, handlerMs: number): Promise<number> {
  const taken: number[] = [];
  let polled: number | undefined;
  const loop = new ConsumeLoop<unknown>({
    poll: async () => {
      if (polled !== undefined) taken.push(performance.now() - polled);
      await sleep(1);
      polled = performance.now();
      return [];
    },
    emptyRound: () => new Error('nothing came'),
    isFinal: async () => Promise.resolve(true),
    handler: async () => sleep(handlerMs),
    context: () => ({}),
    pullIntervalMs,
    reportError: () => undefined,
  });
  while (taken.length < 3) await sleep(5);
  loop.stop();
  return taken.toSorted((left, right) => left - right)[1] ?? 0;
}

test.each([
  [200, 0, 195, 300, 'an idle handler: the whole interval'],
  [200, 150, 195, 300, 'the time of the handler is a part of the interval'],
  [50, 150, 145, 250, 'a handler that takes longer: the next poll follows at once'],
  [0, 0, 0, 50, 'no interval: no pause'],
])(
  'pullIntervalMs %i with a handler of %i ms: %i to %i ms between two polls (%s)',
  async (interval, handlerMs, least, most) => {
    const taken = await pause(interval, handlerMs);
    expect(taken).toBeGreaterThanOrEqual(least);
    expect(taken).toBeLessThan(most);
  },
);
