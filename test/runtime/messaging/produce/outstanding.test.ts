import { Outstanding } from '../../../../src/runtime/messaging/produce/outstanding';

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('at the limit a caller waits until half of the work is done', async () => {
  const outstanding = new Outstanding();
  for (let count = 0; count < 4; count += 1) outstanding.begin();
  let went = false;
  void outstanding.room(4).then(() => (went = true));
  outstanding.end();
  await settle();
  expect([went, outstanding.count]).toEqual([false, 3]);
  outstanding.end();
  await settle();
  expect([went, outstanding.count]).toEqual([true, 2]);
});

test('below the limit there is room at once, but now and then other work gets its turn', async () => {
  const outstanding = new Outstanding();
  outstanding.begin();
  let turns = 0;
  const count = (): void => {
    turns += 1;
    setImmediate(count).unref();
  };
  setImmediate(count).unref();
  for (let started = 0; started < 2_500; started += 1) await outstanding.room(undefined);
  expect(turns).toBe(2);
});

test('waiting for the end has a limit, and the error says how many are left', async () => {
  const outstanding = new Outstanding();
  await outstanding.drained(1, 'wait');
  outstanding.begin();
  await expect(outstanding.drained(10, 'wait')).rejects.toThrow(
    '1 messages are not acknowledged after 10 ms',
  );
  const drained = outstanding.drained(1_000, 'wait');
  outstanding.end();
  await drained;
});
