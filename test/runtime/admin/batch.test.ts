import { setTimeout as sleep } from 'node:timers/promises';
import { shared } from '../../../src/runtime/admin/batch';

test('calls that are made at the same time share one request', async () => {
  let requests = 0;
  const read = shared(async () => {
    await sleep(5);
    return (requests += 1);
  });
  expect(await Promise.all([read(), read(), read()])).toEqual([1, 1, 1]);
  expect(await read()).toBe(2);
});

test('a caller never gets the answer to a request that had started before it asked', async () => {
  let written = 'old';
  const read = shared(async () => {
    const seen = written;
    await sleep(10);
    return seen;
  });
  const early = read();
  await sleep(2);
  written = 'new';
  expect(await Promise.all([early, read(), read()])).toEqual(['old', 'new', 'new']);
});

test('a request that failed fails for those who shared it alone', async () => {
  let requests = 0;
  const read = shared(async () => {
    await sleep(1);
    requests += 1;
    if (requests === 1) throw new Error('no answer');
    return requests;
  });
  const results = await Promise.allSettled([read(), read()]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await read()).toBe(2);
});
