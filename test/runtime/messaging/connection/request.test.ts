import { setTimeout as pause } from 'node:timers/promises';
import type { NatsConnection } from 'nats';
import { connect } from 'nats';
import {
  BrokerRefusedError,
  ConnectionError,
  ProtocolError,
  TimeoutError,
} from '../../../../src/model/errors';
import { ClientConnection } from '../../../../src/runtime/messaging/connection/client-connection';
import { completeConnectOptions } from '../../../../src/runtime/messaging/connection/connect-options';
import { ErrorListeners } from '../../../../src/runtime/messaging/connection/error-listeners';
import { sendForJson, sendForText } from '../../../../src/runtime/messaging/connection/request';
import { eventually } from '../../../support/broker';
import { BareServer } from '../bare-server';

// A scripted responder on a bare server, for replies that no working broker gives.
let server: BareServer;
let responder: NatsConnection;
let connection: ClientConnection;
const errors: Error[] = [];

beforeAll(async () => {
  server = await BareServer.start(`authorization { users: [
    { user: "all", password: "p" }
    { user: "few", password: "p", permissions: { publish: { deny: ["denied"] } } }
  ] }`);
  responder = await connect({ servers: `127.0.0.1:${server.port}`, user: 'all', pass: 'p' });
  const listeners = new ErrorListeners();
  listeners.add((error) => errors.push(error));
  const options = { host: '127.0.0.1', port: server.port, username: 'few', password: 'p' };
  connection = await ClientConnection.open(completeConnectOptions(options), listeners);
});
afterAll(async () => {
  await connection.close();
  await responder.close();
  await server.kill();
});

/** Answers a subject with texts in turn; undefined keeps silent. */
async function answer(
  subject: string,
  ...texts: (string | undefined)[]
): Promise<{ readonly requests: string[] }> {
  const requests: string[] = [];
  responder.subscribe(subject, {
    callback: (_error, message) => {
      const text = texts[requests.length];
      requests.push(message.headers === undefined ? message.string() : 'with headers');
      if (text !== undefined) message.respond(text);
    },
  });
  await responder.flush();
  return { requests };
}

const request = (subject: string, timeoutRetries?: number) => ({
  subject,
  body: { name: 'x' },
  attempted: 'do something',
  timeoutMs: 60,
  ...(timeoutRetries === undefined ? {} : { timeoutRetries }),
});

test('a request that is not answered is sent 6 times, and no more', async () => {
  const { requests } = await answer('silent');
  const sent = sendForText(connection, request('silent'));
  await expect(sent).rejects.toThrow(TimeoutError);
  await expect(sent).rejects.toThrow('6 × 60 ms');
  expect(requests).toEqual(Array(6).fill('{"name":"x"}'));
});

test('an answer to a later try counts, and the number of tries is told', async () => {
  await answer('slow', undefined, undefined, '');
  expect(await sendForText(connection, request('slow'))).toEqual({ text: '', tries: 3 });
});

test('an abort ends the tries, and none follows', async () => {
  const { requests } = await answer('silent.aborted');
  const controller = new AbortController();
  const sent = sendForText(connection, { ...request('silent.aborted'), signal: controller.signal });
  sent.catch(() => undefined);
  await eventually(() => requests.length === 2, 'it is sent again');
  controller.abort('enough');
  await expect(sent).rejects.toBe('enough');
  await pause(150);
  expect(requests).toHaveLength(2);
});

test('timeoutRetries is the number of further tries', async () => {
  const { requests } = await answer('silent.twice');
  await expect(sendForText(connection, request('silent.twice', 1))).rejects.toThrow(TimeoutError);
  expect(requests).toHaveLength(2);
});

test('when nobody listens there is no second try', async () => {
  const begin = performance.now();
  await expect(sendForText(connection, { ...request('nobody'), timeoutMs: 3_000 })).rejects.toThrow(
    ConnectionError,
  );
  expect(performance.now() - begin).toBeLessThan(2_500);
});

test('a subject that the user may not use: the request ends at once, listeners hear of it, the connection stays (SDK defect: it was closed)', async () => {
  await expect(sendForText(connection, request('denied'))).rejects.toThrow(BrokerRefusedError);
  await eventually(() => errors.some((error) => error.message.includes('"denied"')), 'listeners hear of it');
  expect(connection.isConnected).toBe(true);
});

test.each<[why: string, reply: string, error: new (...args: never[]) => Error, text: string]>([
  ['an error in JSON', '{"error":"no way"}', BrokerRefusedError, 'no way'],
  [
    'some failures are plain text where JSON is due (SDK defect: a crash)',
    'user does not exist',
    BrokerRefusedError,
    'user does not exist',
  ],
  ['an error that is not a string', '{"error":{"a":1}}', ProtocolError, 'an "error" that is not a string'],
  [
    'a reply that was cut off, with all that matters behind the cut',
    '{"partitions_update":{"partitions_list":[1',
    ProtocolError,
    'is not JSON, or was cut off',
  ],
  ['a list', '[{"error":""}]', ProtocolError, 'is a list, not an object'],
])('JSON replies: %s', async (why, reply, error, text) => {
  const subject = `json.${why.length}`;
  await answer(subject, reply);
  const sent = sendForJson(connection, request(subject));
  await expect(sent).rejects.toThrow(error);
  await expect(sent).rejects.toThrow(text);
});

test('an empty reply where JSON is due is the success of old brokers', async () => {
  await answer('json.empty', '');
  expect((await sendForJson(connection, request('json.empty'))).json).toEqual({});
});
