import type { Msg, NatsConnection } from 'nats';
import { connect } from 'nats';
import { Memphis } from '../../../../src/runtime/messaging';
import type { ConnectOptions } from '../../../../src/runtime/messaging';
import { BareServer } from '../bare-server';
import { Gate } from '../gate';

export interface Scripted {
  /** Answers a subject as it is told, and keeps what came. */
  readonly on: (subject: string, answer: (message: Msg, count: number) => unknown) => Promise<Msg[]>;
  readonly client: (
    options?: Partial<ConnectOptions>,
  ) => Promise<{ memphis: Memphis; gate: Gate; errors: Error[] }>;
  readonly say: (subject: string, payload: object | string) => Promise<void>;
  readonly after: (cleanUp: () => unknown) => void;
  readonly port: () => number;
  readonly login: Pick<ConnectOptions, 'host' | 'username' | 'password'>;
  /** The stream of station `st`, which has one partition. */
  readonly removeStream: () => Promise<unknown>;
  readonly jetStream: (api: string, body?: object) => Promise<unknown>;
}

/** A broker that answers as a test says, at the moment that it says: for what depends on who comes first. */
export function scriptedForThisFile(): Scripted {
  let server: BareServer;
  let responder: NatsConnection;
  const cleanUps: (() => unknown)[] = [];
  const login = { host: '127.0.0.1', username: 'root', password: 'p' };
  const jetStream = async (api: string, body?: object): Promise<unknown> =>
    (await responder.request(`$JS.API.${api}`, body === undefined ? '' : JSON.stringify(body))).json();
  beforeAll(async () => {
    server = await BareServer.start('jetstream: { store_dir: "$FOLDER" }');
    responder = await connect({ servers: `127.0.0.1:${server.port}` });
  });
  beforeEach(async () => {
    await jetStream('STREAM.CREATE.st$1', { name: 'st$1', subjects: ['st$1.final'], storage: 'memory' });
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
    await jetStream('STREAM.DELETE.st$1');
  });
  afterAll(async () => {
    await responder.close();
    await server.kill();
  });
  return {
    login,
    jetStream,
    port: () => server.port,
    after: (cleanUp) => void cleanUps.push(cleanUp),
    removeStream: () => jetStream('STREAM.DELETE.st$1'),
    say: async (subject, payload) => {
      responder.publish(subject, typeof payload === 'string' ? payload : JSON.stringify(payload));
      await responder.flush();
    },
    on: async (subject, answer) => {
      const heard: Msg[] = [];
      const subscription = responder.subscribe(subject, {
        callback: (_error, message) => answer(message, heard.push(message)),
      });
      cleanUps.push(() => subscription.unsubscribe());
      await responder.flush();
      return heard;
    },
    client: async (options = {}) => {
      const gate = await Gate.before(server.port);
      cleanUps.push(() => gate.close());
      const memphis = new Memphis();
      const errors: Error[] = [];
      memphis.onError((error) => errors.push(error));
      await memphis.connect({ ...login, port: gate.port, reconnectIntervalMs: 20, ...options });
      cleanUps.push(() => memphis.close());
      return { memphis, gate, errors };
    },
  };
}

/** What the broker says when a producer or a consumer is registered. */
export const registered = (more: object = {}): string =>
  JSON.stringify({
    schema_update: { schema_name: '' },
    partitions_update: { partitions_list: [1] },
    station_version: 1,
    error: '',
    ...more,
  });

export const removal = { station_name: 'st', type: 'remove_station' };
