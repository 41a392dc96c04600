import { ChangeQueue } from '../../../../src/runtime/broker/store/change-queue';

/** A change that says when it begins and ends, and ends when it is told. */
function change(name: string, events: string[]): { run: () => Promise<void>; end: () => void } {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return {
    async run() {
      events.push(`${name} begins`);
      await ended;
      events.push(`${name} ends`);
    },
    end,
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('changes of other objects run side by side, those of one object in order, and a general one alone', async () => {
  const events: string[] = [];
  const queue = new ChangeQueue();
  const [a1, a2, b, alone, after] = ['a1', 'a2', 'b', 'alone', 'after'].map((name) =>
    change(name, events),
  ) as [
    ReturnType<typeof change>,
    ReturnType<typeof change>,
    ReturnType<typeof change>,
    ReturnType<typeof change>,
    ReturnType<typeof change>,
  ];
  const all = [
    queue.runFor('a', a1.run),
    queue.runFor('a', a2.run),
    queue.runFor('b', b.run),
    queue.run(alone.run),
    queue.runFor('c', after.run),
  ];
  for (const { end } of [b, after, alone, a2, a1]) {
    end();
    await turn();
  }
  await Promise.all(all);
  expect(events).toEqual([
    'a1 begins',
    'b begins',
    'b ends',
    'a1 ends',
    'a2 begins',
    'a2 ends',
    'alone begins',
    'alone ends',
    'after begins',
    'after ends',
  ]);
});

test('a change that fails fails alone', async () => {
  const queue = new ChangeQueue();
  const failing = [
    queue.run(() => Promise.reject(new Error('one'))),
    queue.runFor('a', () => Promise.reject(new Error('two'))),
  ];
  expect(await Promise.allSettled(failing)).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
  expect(await queue.runFor('a', () => Promise.resolve(1))).toBe(1);
  expect(await queue.run(() => Promise.resolve(2))).toBe(2);
  await queue.idle(1_000);
});

test('no more than 32 at once', async () => {
  const queue = new ChangeQueue();
  let now = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      queue.runFor(String(index), async () => {
        most = Math.max(most, (now += 1));
        await turn();
        now -= 1;
      }),
    ),
  );
  expect(most).toBe(32);
});

test('idle waits for all that was given, but not for ever', async () => {
  const queue = new ChangeQueue();
  let isDone = false;
  void queue.runFor('a', async () => {
    await turn();
    isDone = true;
  });
  await queue.idle(1_000);
  expect(isDone).toBe(true);
  const endless = change('endless', []);
  const running = queue.run(endless.run);
  await queue.idle(10);
  endless.end();
  await running;
});
