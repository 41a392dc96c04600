import { Outstanding } from '../../../src/runtime/messaging/outstanding';

/** Work that ends when it is told to. */
function work(): { promise: Promise<void>; end: () => void; fail: () => void } {
  let end = (): void => undefined;
  let fail = (): void => undefined;
  const promise = new Promise<void>((resolve, reject) => {
    end = resolve;
    fail = () => reject(new Error('failed'));
  });
  return { promise, end, fail };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('at the limit a caller waits until half of the work is done', async () => {
  const outstanding = new Outstanding();
  const jobs = Array.from({ length: 4 }, work);
  for (const job of jobs) outstanding.track(job.promise);
  let went = false;
  void outstanding.room(4).then(() => (went = true));
  jobs[0]?.end();
  await settle();
  expect([went, outstanding.count]).toEqual([false, 3]);
  // Work that fails is done too.
  jobs[1]?.fail();
  await settle();
  expect([went, outstanding.count]).toEqual([true, 2]);
});

test('below the limit nobody waits', async () => {
  const outstanding = new Outstanding();
  outstanding.track(work().promise);
  await outstanding.room(2);
});

test('waiting for the end is bounded and says how much is left', async () => {
  const outstanding = new Outstanding();
  const job = work();
  outstanding.track(job.promise);
  await expect(outstanding.drained(20, 'flush')).rejects.toThrow(
    'could not flush: 1 messages are not acknowledged after 20 ms',
  );
  job.end();
  await outstanding.drained(1_000, 'flush');
});
