import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { duration, rejection, within15Seconds } from '../../conformance/seed/station-traffic';
import { CapturingServer } from '../../conformance/seed/capturing-server';
import { LocalBroker } from '../../../src/runtime/broker';
import type { LocalBrokerOptions } from '../../../src/runtime/broker';
import { createIdentity } from '../../../src/runtime/provider/wire/certificate';
import { eventually } from '../../support/broker';
import { Gate } from '../../runtime/messaging/gate';
import type { Step } from './step';
import { jsStep, pythonStep, step } from './step';
import type { Options, Tour } from './tour';

const SDK_FOLDER = path.resolve(__dirname, '../../../.cache/official-sdk/node_modules');
const CREDENTIALS = 'You have to connect with one of the following methods: connection token / password';

async function ownBroker(tour: Tour, options: LocalBrokerOptions = {}): Promise<LocalBroker> {
  const broker = await LocalBroker.start({ store: 'memory', log: () => undefined, ...options });
  tour.cleanUp(() => broker.stop());
  return broker;
}

async function gate(tour: Tour, port = tour.credentials.port): Promise<Gate> {
  const made = await Gate.before(port);
  tour.cleanUp(() => made.close());
  return made;
}

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

async function refusal(tour: Tour, options: Options): Promise<string> {
  return (await rejection(tour.connect(options))).message;
}

/** Connects and makes a station: the Python client takes a connection for open that the broker has already refused. */
async function use(tour: Tour, options: Options): Promise<void> {
  await tour.station({ name: tour.unique('use') }, await tour.connect(options));
}

/** Calls of the REST API of a broker, logged in. */
async function login({ restUrl }: LocalBroker): Promise<(path: string, body: object) => Promise<void>> {
  const post = async (path: string, body: object, jwt = ''): Promise<Response> => {
    const headers = { authorization: `Bearer ${jwt}` };
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    return fetch(`${restUrl}/api${path}`, { ...init, signal: AbortSignal.timeout(5_000) });
  };
  const reply = await post('/usermgmt/login', { username: 'root', password: 'memphis' });
  const { jwt } = (await reply.json()) as { jwt: string };
  return async (path, body) => expect((await post(path, body, jwt)).status).toBe(200);
}

/** How long `connect` waits for a server that never speaks. */
async function patience(tour: Tour, options: Options): Promise<number> {
  const silent = await gate(tour);
  silent.cutOffAndKeepSilent();
  return duration(() => rejection(tour.connect({ port: silent.port, ...options })));
}

/** The moments at which a client knocks after its connection is lost for good. */
async function knocks(tour: Tour, options: Options, count: number): Promise<readonly number[]> {
  const door = await gate(tour);
  const client = await tour.connect({ port: door.port, ...options });
  door.cutOff();
  await eventually(() => door.knocks.length >= count, `${count} attempts`);
  // One more would come within this time.
  await new Promise((resolve) => setTimeout(resolve, 400));
  await tour.sdk.call(client, 'close').catch(() => undefined);
  return door.knocks;
}

interface TlsFiles {
  readonly broker: LocalBroker;
  readonly options: Options;
  readonly stranger: Options;
}

/** A broker that wants client certificates. */
async function tlsBroker(tour: Tour, broker: LocalBrokerOptions = {}): Promise<TlsFiles> {
  const [server, client, stranger] = [
    createIdentity('server'),
    createIdentity('client'),
    createIdentity('client'),
  ];
  const file = (content: Buffer): Promise<string> => tour.file(content.toString());
  const files = {
    caFile: await file(server.certificate),
    certFile: await file(client.certificate),
    keyFile: await file(client.privateKey),
  };
  const strange = {
    caFile: await file(stranger.certificate),
    certFile: await file(stranger.certificate),
    keyFile: await file(stranger.privateKey),
  };
  const tls = { certFile: files.caFile, keyFile: await file(server.privateKey), caFile: files.certFile };
  const started = await ownBroker(tour, { tls, ...broker });
  const options = { host: 'localhost', port: started.port, timeoutMs: 1_000, reconnect: false };
  return { broker: started, options: { ...options, ...files }, stranger: strange };
}

export const packageAndConnect: readonly Step[] = [
  step('PKG-1', 'the package as published is what runs', async (tour) => {
    expect(await tour.sdk.call('driver', 'version')).toBe(tour.isPython ? '1.3.1' : '1.3.2');
  }),
  jsStep('PKG-2', 'nothing that had to be compiled is loaded', async (tour) => {
    expect(await tour.sdk.call('driver', 'addons')).toEqual([]);
  }),
  step('PKG-3, PKG-4', 'it exports the client and the headers', async (tour) => {
    expect(await tour.sdk.call('driver', 'exports')).toEqual(
      expect.arrayContaining(
        tour.isPython ? ['Memphis', 'Headers'] : ['memphis', 'createMemphisInstance', 'MsgHeaders'],
      ),
    );
  }),
  step('PKG-5, PKG-6', 'the words for retention and storage are those of the wire', async (tour) => {
    expect(await tour.sdk.call('driver', 'enums')).toEqual({
      retention: {
        MAX_MESSAGE_AGE_SECONDS: 'message_age_sec',
        MESSAGES: 'messages',
        BYTES: 'bytes',
        ACK_BASED: 'ack_based',
      },
      storage: { DISK: 'file', MEMORY: 'memory' },
    });
  }),
  step('PKG-7', 'two client objects are two connections, with producers of the same name', async (tour) => {
    const name = await tour.station();
    const clients = [await tour.connect(), await tour.connect()];
    for (const client of clients) await tour.producer(name, { producerName: 'same' }, client);
    const [one = '', other = ''] = clients;
    const isConnected = async () => (await tour.overview(name)).connected_producers.length === 1;
    await tour.sdk.call(one, 'close');
    expect(await isConnected()).toBe(true);
    await tour.sdk.call(other, 'close');
    await eventually(async () => !(await isConnected()), 'the second is gone, too');
  }),
  step('PKG-8', 'network calls give something to wait for, and others go on meanwhile', async (tour) => {
    const name = await tour.station();
    for (const [method, options] of [
      ['station', { name }],
      ['producer', { stationName: name, producerName: 'p' }],
      ['consumer', { stationName: name, consumerName: 'c' }],
    ]) {
      const call = { $value: { on: 'memphis', method, options } };
      expect(await tour.sdk.call('driver', 'isAsync', [call])).toBe(true);
    }
    const order: string[] = [];
    await Promise.all([
      tour
        .consumer(name, { consumerName: 'd' })
        .then((on) => tour.fetch(on, 1))
        .then(() => order.push('an empty fetch')),
      tour.sdk.call('memphis', 'isConnected').then(() => order.push('a look')),
    ]);
    expect(order).toEqual(['a look', 'an empty fetch']);
  }),
  // Without a number of attempts the Python client would try for ever.
  step('PKG-9', 'a dead port: one error, and close is harmless then', async (tour) => {
    const client = await tour.otherClient();
    const connecting = tour.sdk.call(client, 'connect', [
      { ...tour.credentials, port: 1, timeoutMs: 500, reconnect: false, maxReconnect: 1 },
    ]);
    expect((await rejection(connecting)).message).toMatch(
      /^(CONNECTION_REFUSED|memphis: no servers available)/,
    );
    expect(await tour.sdk.call(client, 'close')).toBeNull();
  }),
  jsStep('PKG-10', 'the examples that come with it run when their blanks are filled in', async (tour) => {
    const name = await tour.station();
    const { host, port, password } = tour.credentials;
    const fill = (text: string): string =>
      text
        .replace("'<memphis-host>'", `'${String(host)}', port: ${port}`)
        .replace('<application type username>', 'root')
        .replace("'password'", `'${String(password)}'`)
        .replace('<account-id>', '1')
        .replace('<station-name>', name)
        .replaceAll(/<[a-z-]+>/g, 'filled');
    const [producer, consumer] = ['producer', 'consumer'].map((file) =>
      fill(readFileSync(path.join(SDK_FOLDER, 'memphis-dev/examples', `${file}.js`), 'utf8')),
    );
    const run = (script = ''): ChildProcess => {
      const child = spawn(process.execPath, ['-e', script], {
        env: { ...process.env, NODE_PATH: SDK_FOLDER },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      tour.cleanUp(() => Promise.resolve(child.kill('SIGKILL')));
      return child;
    };
    await once(run(producer), 'close');
    expect((await tour.broker.storedMessage(name, 1, 1)).headers).toContain('filled: filled');
    const reading = run(consumer);
    let printed = '';
    reading.stdout?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    await within15Seconds(() => printed.includes('Message: Hello world'), 'it is read');
    reading.kill('SIGKILL');
    await once(reading, 'close');
  }),

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
    const observer = await login(broker);
    await observer('/usermgmt/addUser', {
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
  step('CON-12', 'another port', async (tour) => {
    const moved = await gate(tour);
    expect(await tour.sdk.call(await tour.connect({ port: moved.port }), 'isConnected')).toBe(true);
  }),
  step('CON-13', 'with reconnect it comes back after a loss, without it does not', async (tour) => {
    const door = await gate(tour);
    const name = await tour.station();
    const coming = await tour.connect({ port: door.port, reconnectIntervalMs: 20 });
    const staying = await tour.connect({ port: door.port, reconnect: false });
    const producer = await tour.producer(name, {}, coming);
    door.cutOnce();
    await eventually(async () => !(await tour.sdk.call(staying, 'isConnected')), 'the loss is seen');
    await eventually(() => door.open > 0, 'the other knocks again');
    await within15Seconds(async () => {
      await tour.produce(producer, 'again').catch(() => undefined);
      return (await tour.stored(name)) > 0;
    }, 'it is back');
    await expect(tour.produce(staying, 'x', { stationName: name, producerName: 'q' })).rejects.toThrow();
  }),
  step(
    'CON-14',
    'this many attempts, though never more than nine; the Python client makes one more',
    async (tour) => {
      const more = tour.isPython ? 1 : 0;
      for (const [asked, made] of [
        [3, 3 + more],
        [12, 9 + more],
      ] as const) {
        const options = { maxReconnect: asked, reconnectIntervalMs: 20 };
        expect(await knocks(tour, options, made)).toHaveLength(made);
      }
    },
  ),
  step('CON-15', 'the pause between attempts', async (tour) => {
    const [first = 0, second = 0, third = 0] = await knocks(
      tour,
      { maxReconnect: 3, reconnectIntervalMs: 200 },
      3,
    );
    for (const interval of [second - first, third - second]) {
      expect(interval).toBeGreaterThan(190);
      expect(interval).toBeLessThan(700);
    }
  }),
  step('CON-16', 'the time for connecting, two seconds unless told otherwise', async (tour) => {
    const [short, usual] = await Promise.all([
      patience(tour, { timeoutMs: 300, reconnect: false }),
      patience(tour, { reconnect: false }),
    ]);
    expect(short).toBeGreaterThan(280);
    expect(short).toBeLessThan(1_500);
    expect(usual).toBeGreaterThan(1_950);
    expect(usual).toBeLessThan(3_500);
  }),
  jsStep('CON-17, CON-18, CON-19, CON-21', 'TLS with the three files and a password', async (tour) => {
    const { options, stranger, broker } = await tlsBroker(tour);
    await use(tour, options);
    const { certFile, keyFile, caFile } = stranger;
    await expect(use(tour, { ...options, caFile })).rejects.toThrow();
    await expect(use(tour, { ...options, keyFile })).rejects.toThrow();
    await expect(use(tour, { ...options, certFile, keyFile })).rejects.toThrow();
    await expect(use(tour, { port: broker.port, timeoutMs: 500, reconnect: false })).rejects.toThrow();
  }),
  pythonStep('CON-17, CON-18, CON-19, CON-21', 'TLS with the three files and a token', async (tour) => {
    const { options, stranger } = await tlsBroker(tour, { connectionToken: 'secret' });
    const login = { ...options, password: '', connectionToken: 'secret' };
    await use(tour, login);
    const { certFile, keyFile, caFile } = stranger;
    await expect(use(tour, { ...login, caFile })).rejects.toThrow();
    await expect(use(tour, { ...login, keyFile })).rejects.toThrow();
    await expect(use(tour, { ...login, certFile, keyFile })).rejects.toThrow();
    // With a password this client copies its TLS context for a first, short connection, and that cannot be copied.
    expect(await refusal(tour, options)).toContain('SSLContext');
  }),
  step('CON-20', 'all three TLS files or none', async (tour) => {
    const files: Options = { keyFile: 'k', certFile: 'c', caFile: 'a' };
    for (const missing of ['key', 'cert', 'ca']) {
      expect(await refusal(tour, { ...files, [`${missing}File`]: '' })).toContain(
        `Must provide a TLS ${missing} file`,
      );
    }
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
