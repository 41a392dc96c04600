import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { createServer } from 'node:net';

import { resolveConnection } from '../../../src/model/connection';
import { RestApi } from '../../../src/runtime/admin/rest';
import { Memphis } from '../../../src/runtime';

const servers: Server[] = [];
async function listening(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const natsServer = (): Server =>
  createServer((socket) => socket.on('error', () => undefined).write('INFO {}\r\n'));

test('a client port that answers in HTTP is named as such, not as a time-out', async () => {
  const port = await listening(createHttpServer((_request, response) => response.end()));
  const connecting = new Memphis().connect({
    host: '127.0.0.1',
    port,
    username: 'root',
    password: 'x',
    timeoutMs: 200,
  });
  await expect(connecting).rejects.toThrow(
    `could not connect to the broker at 127.0.0.1:${port} as "root": port ${port} answers in HTTP: it is a REST API or a web page, not the client port of a broker. Check host and port: clients connect to port 6666 by default; the REST API has port 9000.`,
  );
});

test('a client port that is silent stays a time-out', async () => {
  const port = await listening(createServer((socket) => socket.resume()));
  const connecting = new Memphis().connect({
    host: '127.0.0.1',
    port,
    username: 'root',
    password: 'x',
    timeoutMs: 200,
  });
  await expect(connecting).rejects.toThrow('no answer within 200 ms');
});

test.each([
  [
    'http',
    'does not answer in HTTP: it is the client port of a broker. Set MEMPHIS_REST_URL to the REST API',
  ],
  ['https', 'does not answer in TLS. Begin MEMPHIS_REST_URL with http:// if the REST API has no TLS'],
])('a REST URL with %s of the client port says so', async (scheme, text) => {
  const port = await listening(natsServer());
  const rest = new RestApi(
    resolveConnection(
      { host: '127.0.0.1', username: 'root', password: 'x', restUrl: `${scheme}://127.0.0.1:${port}` },
      {},
    ),
  );
  await expect(rest.login()).rejects.toThrow(`${scheme}://127.0.0.1:${port} ${text}`);
  rest.close();
});
