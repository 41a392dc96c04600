import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectionError, NotFoundError } from '../../../../src/model/errors';
import { ConsumeLoop } from '../../../../src/runtime/messaging/consume/consume-loop';
import type { Message } from '../../../../src/runtime/messaging';
import { eventually } from '../../../support/broker';

const gone = new NotFoundError({ attempted: 'poll', found: 'it is gone' });
const lost = new ConnectionError({ attempted: 'poll', found: 'it is lost' });

/** A loop over these outcomes of polls, and then over empty rounds; what its handler hears, with the moments of the polls. */
function loopOver(outcomes: readonly (Error | number)[], isFinal: (error: Error) => boolean) {
  const heard: (Error | number)[] = [];
  const polls: number[] = [];
  const loop = new ConsumeLoop({
    source: 'station "s"',
    poll: async () => {
      const outcome = outcomes[polls.length] ?? 0;
      polls.push(performance.now());
      if (outcome instanceof Error) throw outcome;
      return Promise.resolve(new Array<Message>(outcome));
    },
    emptyRound: () => new Error('empty'),
    isFinal: async (error) => Promise.resolve(isFinal(error)),
    handler: (messages, error) => void heard.push(error ?? messages.length),
    context: () => ({}),
    pullIntervalMs: 5,
    reportError: () => undefined,
  });
  return { loop, heard, polls };
}

test('an error after which no poll makes sense is heard once, and ends the loop', async () => {
  const { heard, polls } = loopOver([1, gone, 2], (error) => error === gone);
  await eventually(() => heard.length === 2, 'the error is heard');
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(heard).toEqual([1, gone]);
  expect(polls).toHaveLength(2);
});

test('another error is heard, too; the next poll follows after a pause that grows until a poll succeeds', async () => {
  const { loop, heard, polls } = loopOver([lost, lost, 1, lost, 1], () => false);
  await eventually(() => heard.length >= 5, 'all of them');
  loop.stop();
  expect(heard.slice(0, 5)).toEqual([lost, lost, 1, lost, 1]);
  const pauses = polls.slice(1, 5).map((moment, index) => moment - (polls[index] ?? 0));
  const [first = 0, second = 0, afterSuccess = 0, again = 0] = pauses;
  expect([first >= 240, second >= 490, afterSuccess < 200, again >= 240 && again < 490]).toEqual([
    true,
    true,
    true,
    true,
  ]);
});

test('after stop nothing is heard, also of a poll that was under way', async () => {
  const { loop, heard, polls } = loopOver([1, 1, 1], () => false);
  expect(polls).toHaveLength(1);
  loop.stop();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(heard).toEqual([]);
  expect(polls).toHaveLength(1);
});

test('an end with a reason is heard once', async () => {
  const { loop, heard } = loopOver([], () => false);
  await eventually(() => heard.length > 0, 'it goes');
  loop.endWith(gone);
  loop.endWith(gone);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(heard.filter((each) => each === gone)).toHaveLength(1);
  expect(heard.at(-1)).toBe(gone);
});

/** Milliseconds from the end of a poll to the begin of the next: the middle one of three. */
async function pause(pullIntervalMs: number, handlerMs: number): Promise<number> {
  const taken: number[] = [];
  let polled: number | undefined;
  const loop = new ConsumeLoop<unknown>({
    source: 'station "s"',
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
