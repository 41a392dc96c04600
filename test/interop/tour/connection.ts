import { CapturingServer } from '../../conformance/seed/capturing-server';
import { eventually } from '../../support/broker';
import type { Step } from './step';
import { step } from './step';
import type { Options, Tour } from './tour';
import type { LocalBroker } from '../../../src/runtime/broker';
import { ownBroker, refusal } from './connect-support';

const CREDENTIALS = 'You have to connect with one of the following methods: connection token / password';

/** What a client with these options tells the server when it connects. */
async function connectFrame(tour: Tour, options: Options): Promise<Options> {
  const server = await CapturingServer.start();
  tour.cleanUp(() => server.stop());
  const client = await tour.otherClient();
  // This server has no JetStream: what the JavaScript client asks for next stays without an answer.
  void tour.sdk
    .call(client, 'connect', [{ host: '127.0.0.1', username: 'root', port: server.port, ...options }])
    .catch(() => undefined);
  await eventually(() => server.connects.length > 0, 'the client connects');
  return server.connects[0] ?? {};
}

/** Calls of the REST API of a broker, logged in. */
async function rest({ restUrl }: LocalBroker): Promise<(path: string, body: object) => Promise<void>> {
  const post = async (path: string, body: object, jwt = ''): Promise<Response> => {
    const headers = { authorization: `Bearer ${jwt}` };
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    return fetch(`${restUrl}/api${path}`, { ...init, signal: AbortSignal.timeout(5_000) });
  };
  const reply = await post('/usermgmt/login', { username: 'root', password: 'memphis' });
  const { jwt } = (await reply.json()) as { jwt: string };
  return async (path, body) => expect((await post(path, body, jwt)).status).toBe(200);
}

export const connection: readonly Step[] = [
  step('CON-1', 'nothing before connect, everything after it', async (tour) => {
    const client = await tour.otherClient();
    const name = tour.unique('early');
    await expect(tour.station({ name }, client)).rejects.toThrow('Connection is dead');
    await tour.sdk.call(client, 'connect', [tour.credentials]);
    await tour.station({ name }, client);
    expect((await tour.row(name)).status).toBe(200);
  }),
  step('CON-2', 'a host may be written with http or https', async (tour) => {
    for (const host of ['http://127.0.0.1', 'https://127.0.0.1']) {
      expect(await tour.sdk.call(await tour.connect({ host }), 'isConnected')).toBe(true);
    }
  }),
  step(
    'CON-3',
    'the user name is in the name of the connection; a user of type management is refused',
    async (tour) => {
      const frame = await connectFrame(tour, { password: 'x' });
      expect(frame.name).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}::root$/);
      const { application, management } = tour.users;
      await tour.station({ name: tour.unique('of-application') }, await tour.connect(application));
      expect(await refusal(tour, management)).toMatch(/Authorization Violation/i);
    },
  ),
  step('CON-4', 'an account id that is not there is ignored', async (tour) => {
    for (const accountId of [1, 999]) {
      expect(await tour.sdk.call(await tour.connect({ accountId }), 'isConnected')).toBe(true);
    }
  }),
  step('CON-5', 'an account id may be text', async (tour) => {
    for (const accountId of [123456789, '123456789']) {
      expect((await connectFrame(tour, { password: 'x', accountId })).user).toBe('root$123456789');
    }
  }),
  step('CON-6, CON-7', 'a token, shared by several users', async (tour) => {
    const broker = await ownBroker(tour, { connectionToken: 'shared' });
    const { host, port } = broker;
    const post = await rest(broker);
    await post('/usermgmt/addUser', {
      username: 'somebody',
      password: 'Secret-Password-1',
      user_type: 'application',
    });
    for (const username of ['root', 'somebody']) {
      const client = await tour.otherClient();
      const login = { host, port, username };
      await expect(
        tour.sdk.call(client, 'connect', [{ ...login, connectionToken: 'other', reconnect: false }]),
      ).rejects.toThrow(/Authorization Violation/i);
      await tour.sdk.call(client, 'connect', [{ ...login, connectionToken: 'shared' }]);
      await tour.station({ name: tour.unique('token') }, client);
    }
  }),
  step('CON-8, CON-10', 'root and its password are let in, another password is not', async (tour) => {
    expect(await tour.sdk.call('memphis', 'isConnected')).toBe(true);
    expect(await refusal(tour, { password: 'wrong' })).toMatch(/Authorization Violation/i);
  }),
  step('CON-9', 'both credentials or none are refused before anything is sent', async (tour) => {
    expect(await refusal(tour, { connectionToken: 'x' })).toContain(CREDENTIALS);
    expect(await refusal(tour, { password: '' })).toContain(CREDENTIALS);
  }),
  step('CON-11', 'a cloud login sends user and account, and the local broker takes it', async (tour) => {
    const cloud = { username: 'team', password: 'x', accountId: '223671990' };
    expect(await connectFrame(tour, cloud)).toMatchObject({ user: 'team$223671990', pass: 'x' });
    expect(await tour.sdk.call(await tour.connect({ accountId: '223671990' }), 'isConnected')).toBe(true);
  }),
  step('CON-23', 'the wrong kind of login is refused at once', async (tour) => {
    const { port } = await ownBroker(tour, { connectionToken: 'shared' });
    expect(await refusal(tour, { port, reconnect: false })).toMatch(/Authorization Violation/i);
    const token = { password: '', connectionToken: 'shared', reconnect: false };
    expect(await refusal(tour, token)).toMatch(/Authorization Violation/i);
  }),
  step('CON-24', 'one connection does it all', async (tour) => {
    const client = await tour.connect();
    const name = await tour.station({ partitionsNumber: 2 }, client);
    const schema = await tour.schema('json', '{"type":"object"}');
    await tour.sdk.call(client, 'enforceSchema', [{ name: schema, stationName: name }]);
    const producer = await tour.producer(name, {}, client);
    await tour.produce(producer, { a: 1 }, { producerPartitionNumber: 2, msgId: '1' });
    const consumer = await tour.consumer(name, {}, client);
    const [message] = await tour.fetch(consumer, 1, { consumerPartitionNumber: 2 });
    expect(await tour.message(message, 'getDataDeserialized')).toEqual({ a: 1 });
    await tour.message(message, 'ack');
    await tour.sdk.call(client, 'detachSchema', [{ stationName: name }]);
    for (const each of [consumer, producer, `s:${name}`]) await tour.sdk.call(each, 'destroy');
    await tour.sdk.call(client, 'close');
  }),
  step('DIS-1', 'close: the broker sees it, and a second one is harmless', async (tour) => {
    const name = await tour.station();
    const client = await tour.connect();
    await tour.producer(name, {}, client);
    await tour.consumer(name, {}, client);
    await tour.sdk.call(client, 'close');
    await eventually(async () => {
      const { connected_producers, disconnected_producers, disconnected_cgs } = await tour.overview(name);
      return (
        connected_producers.length === 0 &&
        disconnected_producers.length === 1 &&
        disconnected_cgs.length === 1
      );
    }, 'producer and consumer are shown as gone');
    await tour.sdk.call(client, 'close');
  }),
  step(
    'DIS-2',
    'whether it is connected; before the first connect the question is an error',
    async (tour) => {
      const client = await tour.otherClient();
      await expect(tour.sdk.call(client, 'isConnected')).rejects.toThrow();
      await tour.sdk.call(client, 'connect', [tour.credentials]);
      expect(await tour.sdk.call(client, 'isConnected')).toBe(true);
      await tour.sdk.call(client, 'close');
      expect(await tour.sdk.call(client, 'isConnected')).toBe(false);
    },
  ),
];
