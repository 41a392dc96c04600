import { connect } from 'node:net';
import type { BrokerContext } from '../../../../src/runtime/broker/objects/context';
import type { RestServer } from '../../../../src/runtime/broker/rest/server';
import { serveRest } from '../../../../src/runtime/broker/rest/server';
import type { Sessions } from '../../../../src/runtime/broker/rest/sessions';

const log: string[] = [];
let server: RestServer;

beforeAll(async () => {
  // No request of these tests gets as far as to need more.
  const context = { log: (line: string) => log.push(line) } as unknown as BrokerContext;
  const settings = { host: '127.0.0.1', restPort: 0, allowedHosts: [] };
  server = await serveRest(context, settings, () => undefined as unknown as Sessions, 400);
});
afterAll(() => server.close());

const LOGIN = 'POST /api/usermgmt/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n';

test.each([
  ['nothing at all', ''],
  ['an address that does not end', 'GET /api/status'],
  ['a byte of a header now and then', LOGIN.slice(0, -2)],
  ['a byte of a body now and then', LOGIN],
])('a client that sends %s is hung up on in time', async (_, beginning) => {
  const socket = connect(server.port, '127.0.0.1');
  const begin = performance.now();
  const dribble = setInterval(() => socket.writable && socket.write(beginning === '' ? '' : 'a'), 50);
  let received = '';
  socket.on('data', (chunk) => (received += chunk.toString())).on('error', () => undefined);
  socket.write(beginning);
  await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(dribble);
  expect(performance.now() - begin).toBeGreaterThan(300);
  expect(performance.now() - begin).toBeLessThan(2_500);
  expect(received).toMatch(/^(HTTP\/1.1 408 |$)/);
  expect(log).toEqual([]);
});
