import { createServer } from 'node:net';

import { LocalBroker } from '../../../../src/runtime/broker';
import * as ports from '../../../../src/runtime/broker/cluster/free-ports';
import { listenAt } from '../../../../src/runtime/broker/listen';

jest.mock('../../../../src/runtime/broker/cluster/free-ports', () => {
  const actual: object = jest.requireActual('../../../../src/runtime/broker/cluster/free-ports');
  return { ...actual, freePorts: jest.fn((actual as typeof ports).freePorts) };
});

const { freePorts } = jest.requireActual<typeof ports>('../../../../src/runtime/broker/cluster/free-ports');

test('ports that are chosen together differ, and are free', async () => {
  const chosen = await freePorts('127.0.0.1', 6);
  expect(new Set(chosen).size).toBe(6);
  const listeners = chosen.map(() => createServer());
  const listening = listeners.map((listener, index) => listenAt(listener, '127.0.0.1', chosen[index] ?? 0));
  expect(await Promise.all(listening)).toEqual(chosen);
  for (const listener of listeners) listener.close();
});

test.each([
  [0, 'of a route'],
  [1, 'of a server'],
])('a port that another program takes before the start (%d, %s) costs a try', async (call) => {
  const other = createServer((socket) => socket.destroy());
  const taken = await listenAt(other, '127.0.0.1', 0);
  const choose = jest.mocked(ports.freePorts);
  let calls = 0;
  choose.mockImplementation(async (host, count) => {
    const chosen = await freePorts(host, count);
    return calls++ === call ? [taken, ...chosen.slice(1)] : chosen;
  });
  const broker = await LocalBroker.start({ nodes: 3, log: () => undefined });
  await broker.stop();
  await new Promise((resolve) => other.close(resolve));
  // Twice for each try. Servers that do not find each other on a busy machine cost one more.
  expect([4, 6]).toContain(calls);
});
