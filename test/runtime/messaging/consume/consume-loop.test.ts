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
