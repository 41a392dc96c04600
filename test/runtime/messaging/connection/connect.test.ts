import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import {
  AuthenticationError,
  ClosedError,
  ConnectionError,
  EnvironmentError,
  TimeoutError,
  ValidationError,
} from '../../../../src/model/errors';
import { Memphis } from '../../../../src/runtime/messaging';
import { brokerIsExternal, eventually, TestBroker } from '../../../support/broker';

const broker = TestBroker.forThisFile();

/** A port at which nothing listens: it was free a moment ago. */
async function deadPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('connects, tells so, and closes', async () => {
  const memphis = new Memphis();
  expect(memphis.isConnected()).toBe(false);
  await memphis.connect(broker.options);
  expect(memphis.isConnected()).toBe(true);
  await memphis.close();
  expect(memphis.isConnected()).toBe(false);
  await memphis.close();
});

test('is there again after a close', async () => {
  const memphis = new Memphis();
  await memphis.connect(broker.options);
  await memphis.close();
  await memphis.connect(broker.options);
  expect(memphis.isConnected()).toBe(true);
  await memphis.close();
});

test('a second connect on a live connection is refused', async () => {
  const memphis = await broker.client();
  await expect(memphis.connect(broker.options)).rejects.toThrow('connected already');
});

test('localhost is not slower than any other address (SDK defect: it slept a second)', async () => {
  if (brokerIsExternal) return;
  const begin = performance.now();
  await broker.client({ host: 'localhost' });
  expect(performance.now() - begin).toBeLessThan(900);
});

test('an account id that the broker does not know is ignored: the bare user name is tried next', async () => {
  const memphis = await broker.client({ accountId: 999 });
  expect(memphis.isConnected()).toBe(true);
});

test('a wrong password is an AuthenticationError that does not show it', async () => {
  const memphis = new Memphis();
  const error: unknown = await memphis
    .connect({ ...broker.options, password: 'not-the-secret' })
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(AuthenticationError);
  expect(String(error)).toMatch(/as "root": the broker refused the user or the password/);
  expect(JSON.stringify([error, String(error)])).not.toContain('not-the-secret');
  await memphis.close();
});

test('a token on a broker in user/password mode is refused, and the message names the mode', async () => {
  const { password: _password, ...options } = broker.options;
  await expect(new Memphis().connect({ ...options, connectionToken: 't' })).rejects.toThrow(
    'the broker refused the connection token',
  );
});

test('a dead port is a ConnectionError, and close in finally is safe', async () => {
  const memphis = new Memphis();
  const port = await deadPort();
  try {
    await expect(memphis.connect({ ...broker.options, port })).rejects.toThrow(ConnectionError);
  } finally {
    await memphis.close();
  }
});

test('a server that never speaks is given up after timeoutMs', async () => {
  const server = createServer((socket) => socket.resume());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const begin = performance.now();
  await expect(
    new Memphis().connect({ host: '127.0.0.1', port, username: 'root', password: 'x', timeoutMs: 200 }),
  ).rejects.toThrow(TimeoutError);
  expect(performance.now() - begin).toBeLessThan(1_500);
  await new Promise((resolve) => server.close(resolve));
});

test('wrong options reject before the network is used', async () => {
  await expect(new Memphis().connect({ host: 'h', username: 'u' })).rejects.toThrow(ValidationError);
});

test('TLS files that cannot be read are told, all of them, whether the broker speaks TLS or not', async () => {
  const files = { caFile: '/nope/ca.pem', certFile: '/nope/cert.pem', keyFile: '/nope/key.pem' };
  const connecting = new Memphis().connect({ ...broker.options, ...files });
  await expect(connecting).rejects.toThrow(EnvironmentError);
  const missing = (path: string) => `ENOENT: no such file or directory, open '${path}'`;
  await expect(connecting).rejects.toMatchObject({
    problems: [
      `certFile: ${missing(files.certFile)}`,
      `keyFile: ${missing(files.keyFile)}`,
      `caFile: ${missing(files.caFile)}`,
    ],
  });
});

test('TLS files at a broker without TLS are an error before any credential is sent', async () => {
  await expect(new Memphis().connect({ ...broker.options, caFile: __filename })).rejects.toThrow(
    'does not use TLS',
  );
});

test.each<[name: string, call: (memphis: Memphis) => Promise<unknown>]>([
  ['station', (memphis) => memphis.station({ name: 's' })],
  ['producer', (memphis) => memphis.producer({ stationName: 's', producerName: 'p' })],
  ['produce', (memphis) => memphis.produce({ stationName: 's', producerName: 'p', message: 'm' })],
  ['consumer', (memphis) => memphis.consumer({ stationName: 's', consumerName: 'c' })],
  ['fetchMessages', (memphis) => memphis.fetchMessages({ stationName: 's', consumerName: 'c' })],
  ['detachSchema', (memphis) => memphis.detachSchema({ stationName: 's' })],
])('%s before connect is a ClosedError that says what to do', async (_name, call) => {
  const error: unknown = await call(new Memphis()).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ClosedError);
  expect(String(error)).toContain('Call connect first');
});

test('the connection is called <uuid>::<user>, by which the broker knows a Memphis client', async () => {
  const memphis = await broker.client();
  const station = broker.stationName();
  const producer = await memphis.producer({ stationName: station, producerName: 'p' });
  await producer.produce({ message: 'm' });
  const { headers } = await broker.storedMessage(station, 1, 1);
  expect(headers).toMatch(
    /\$memphis_connectionId: [0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\r\n/,
  );
});

test('background errors go to listeners; one that throws harms nobody', async () => {
  const memphis = await broker.client();
  const seen: string[] = [];
  const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const forget = memphis.onError(() => {
    throw new Error('bad listener');
  });
  const forgetOther = memphis.onError(async () => Promise.reject(new Error('bad promise')));
  memphis.onError((error) => seen.push(error.message));
  broker.observer.publish('$memphis_sdk_clients_updates', 'no JSON');
  await eventually(() => seen.length > 0, 'the listener hears of a broadcast that is no JSON');
  expect(seen[0]).toContain('could not read a message on "$memphis_sdk_clients_updates"');
  // The other clients of this file hear of it too, and have no listener.
  expect(warnings).toHaveBeenCalledWith('an error listener threw: bad listener', { type: 'MemphisWarning' });
  expect(warnings).toHaveBeenCalledWith('an error listener threw: bad promise', { type: 'MemphisWarning' });
  forget();
  forgetOther();
  warnings.mockRestore();
});
