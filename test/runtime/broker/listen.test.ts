import { createServer } from 'node:net';

import { anyPort, listen, listenAt } from '../../../src/runtime/broker/listen';

const refusal = (code: string): Error => Object.assign(new Error(code), { code });

/** Refuses the first ports it is asked for, each with the next of these codes. */
function refusing(codes: readonly string[]): { asked: number[]; listen: (port: number) => Promise<number> } {
  const asked: number[] = [];
  const left = [...codes];
  return {
    asked,
    listen: (port) => {
      asked.push(port);
      const code = left.shift();
      return code === undefined ? Promise.resolve(port) : Promise.reject(refusal(code));
    },
  };
}

test.each([
  [[], 1, 'the first is free'],
  [['EADDRINUSE', 'EADDRINUSE'], 3, 'others are tried when some are in use'],
  [['EACCES'], 2, 'Windows keeps some ports for itself'],
])('with refusals %j it takes try %d (%s)', async (codes, tries) => {
  const { asked, listen: tryAt } = refusing(codes);
  expect(await anyPort(tryAt)).toBe(asked.at(-1));
  expect(asked).toHaveLength(tries);
  // No system gives one of these to a program that asks for any.
  for (const port of asked) expect([port >= 20_000, port < 32_768]).toEqual([true, true]);
});

test('a range without a free port leaves the choice to the system', async () => {
  const { asked, listen: tryAt } = refusing(Array.from({ length: 20 }, () => 'EADDRINUSE'));
  expect(await anyPort(tryAt)).toBe(0);
  expect(asked).toHaveLength(21);
});

test('another error is no matter of the port', async () => {
  const { asked, listen: tryAt } = refusing(['EADDRNOTAVAIL']);
  await expect(anyPort(tryAt)).rejects.toThrow('EADDRNOTAVAIL');
  expect(asked).toHaveLength(1);
});

test.each([
  ['127.0.0.1', /^could not listen for clients on 127\.0\.0\.1:\d+: the port is in use\. Stop the program/],
  ['192.0.2.1', /^could not listen for clients on 192\.0\.2\.1:\d+: listen EADDRNOTAVAIL.* Choose a host/],
])('listening on %s where it cannot be says why', async (host, message) => {
  const other = createServer();
  const port = await listenAt(other, '127.0.0.1', 0);
  await expect(listen(createServer(), host, port, 'clients')).rejects.toThrow(message);
  await new Promise((resolve) => other.close(resolve));
});
