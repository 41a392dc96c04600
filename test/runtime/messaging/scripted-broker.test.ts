import type { NatsConnection } from 'nats';
import { connect } from 'nats';
import { Memphis } from '../../../src/runtime/messaging';
import { ClientConnection } from '../../../src/runtime/messaging/connection/client-connection';
import { completeConnectOptions } from '../../../src/runtime/messaging/connection/connect-options';
import { ErrorListeners } from '../../../src/runtime/messaging/connection/error-listeners';
import {
  unregisterConsumer,
  unregisterProducer,
} from '../../../src/runtime/messaging/connection/registration';
import { eventually } from '../../support/broker';
import { BareServer } from './bare-server';

// What the local broker never says, or takes too long to say: a server that is told what to answer.
let server: BareServer;
let responder: NatsConnection;
let memphis: Memphis;
const errors: Error[] = [];
beforeAll(async () => {
  server = await BareServer.start('');
  responder = await connect({ servers: `127.0.0.1:${server.port}` });
  memphis = new Memphis();
  memphis.onError((error) => errors.push(error));
  await memphis.connect(login());
});
afterAll(async () => {
  await memphis.close();
  await responder.close();
  await server.kill();
});

const login = () => ({ host: '127.0.0.1', port: server.port, username: 'root', password: 'p' });

/** Answers a subject, and keeps the subjects and texts of what came. */
async function answer(
  subject: string,
  text: string,
): Promise<{ readonly heard: [string, string][]; end(): void }> {
  const heard: [string, string][] = [];
  const subscription = responder.subscribe(subject, {
    callback: (_error, message) => {
      heard.push([message.subject, message.string()]);
      message.respond(text);
    },
  });
  await responder.flush();
  return { heard, end: () => subscription.unsubscribe() };
}

const stored = '{"stream":"s","seq":1}';

test('messages of a partition go to the first function of it, as the registration and later broadcasts say', async () => {
  const registrations = await answer(
    '$memphis_producer_creations',
    JSON.stringify({
      partitions_update: { partitions_list: [1, 2] },
      station_version: 2,
      station_partitions_first_functions: { '2': 7 },
      error: '',
    }),
  );
  const messages = await answer('fun#ction*.>', stored);
  const others = await answer('fun#ction$2.functions.7', stored);
  const all = await answer('fun#ction$1.final', stored);
  const last = await answer('fun#ction$2.final', stored);
  const producer = await memphis.producer({ stationName: 'Fun.ction', producerName: 'p' });
  for (const producerPartitionNumber of [1, 2])
    await producer.produce({ message: 'm', producerPartitionNumber });
  expect([all.heard.length, others.heard.length, last.heard.length]).toEqual([1, 1, 0]);
  responder.publish('$memphis_functions_updates_fun#ction', '{"functions":{}}');
  await responder.flush();
  await eventually(async () => {
    await producer.produce({ message: 'm', producerPartitionNumber: 2 });
    return last.heard.length > 0;
  }, 'the function is gone');
  for (const each of [registrations, messages, others, all, last]) each.end();
});

test('a station of an older version is not asked for functions', async () => {
  const registrations = await answer(
    '$memphis_producer_creations',
    JSON.stringify({ partitions_update: { partitions_list: [1] }, station_version: 1, error: '' }),
  );
  await memphis.producer({ stationName: 'old', producerName: 'p' });
  const listens = responder.request('$memphis_functions_updates_old', '{}', { timeout: 250 });
  await expect(listens).rejects.toMatchObject({ code: '503' });
  registrations.end();
});

describe('a registration that may be there more than once', () => {
  let connection: ClientConnection;
  beforeAll(async () => {
    connection = await ClientConnection.open(completeConnectOptions(login()), new ErrorListeners());
  });
  afterAll(() => connection.close());
  const consumer = { consumerName: 'C', stationName: 'S' };

  test('is removed as often as it may have been made, because the broker removes one at a time', async () => {
    const requests = await answer('$memphis_consumer_destructions', '');
    await unregisterConsumer(connection, { ...consumer, registrations: 3 });
    expect(requests.heard).toHaveLength(3);
    expect(JSON.parse(requests.heard[0]?.[1] ?? '')).toMatchObject({ name: 'c', station_name: 's' });
    requests.end();
  });

  test('and no further than the broker knows of one', async () => {
    const requests = await answer('$memphis_consumer_destructions', 'Consumer c at station s does not exist');
    await unregisterConsumer(connection, { ...consumer, registrations: 3 });
    expect(requests.heard).toHaveLength(1);
    requests.end();
  });

  test('a producer that the broker does not know is fine; other answers are not', async () => {
    const producer = { producerName: 'p', stationName: 's' };
    const unknown = await answer('$memphis_producer_destructions', 'Producer p at station s does not exist');
    await unregisterProducer(connection, producer, {});
    unknown.end();
    const refusing = await answer('$memphis_producer_destructions', 'no way');
    await expect(unregisterProducer(connection, producer, {})).rejects.toThrow('no way');
    refusing.end();
  });
});

test('requests wait as long as those of the official clients: 20 s, and 5 s for those that destroy', async () => {
  const waits = new Map<string, number>();
  const request = jest
    .spyOn(ClientConnection.prototype, 'request')
    .mockImplementation(async (subject, _payload, timeoutMs) => {
      waits.set(subject, timeoutMs);
      return Promise.reject(new Error('not sent'));
    });
  try {
    const names = { stationName: 'x', producerName: 'p', consumerName: 'c' };
    await Promise.allSettled([
      memphis.station({ name: 'x' }),
      memphis.producer({ stationName: 'x', producerName: 'p' }),
      memphis.consumer({ stationName: 'x', consumerName: 'c' }),
      memphis.createSchema({ schemaName: 's', schemaType: 'json', schemaContent: '{}' }),
      memphis.enforceSchema({ name: 's', stationName: 'x' }),
      memphis.detachSchema({ stationName: 'x' }),
    ]);
    const connection = { ready: async () => Promise.resolve(), request } as unknown as ClientConnection;
    await Promise.allSettled([
      unregisterProducer(connection, names, {}),
      unregisterConsumer(connection, { ...names, registrations: 1 }),
    ]);
  } finally {
    request.mockRestore();
  }
  expect(Object.fromEntries(waits)).toEqual({
    $memphis_station_creations: 20_000,
    $memphis_producer_creations: 20_000,
    $memphis_consumer_creations: 20_000,
    $memphis_schema_creations: 20_000,
    $memphis_schema_attachments: 20_000,
    $memphis_schema_detachments: 20_000,
    $memphis_producer_destructions: 5_000,
    $memphis_consumer_destructions: 5_000,
  });
});

test('what a program sends first arrives first, whether it is a message, a request or a record', async () => {
  const registrations = await answer(
    '$memphis_producer_creations',
    JSON.stringify({
      partitions_update: { partitions_list: [1] },
      schema_update: {
        schema_name: 'needs-a',
        type: 'json',
        active_version: { version_number: 1, schema_content: '{"type":"object","required":["a"]}' },
      },
      schemaverse_to_dls: true,
      error: '',
    }),
  );
  const heard: string[] = [];
  const all = responder.subscribe('>', {
    callback: (_error, message) => {
      if (/^(order|\$JS|\$memphis_schemaverse)/.test(message.subject)) heard.push(message.subject);
      if (message.subject === 'order$1.final') message.respond(stored);
      if (message.subject.startsWith('$JS')) message.respond('{"error":{"err_code":10059}}');
    },
  });
  await responder.flush();
  const producer = await memphis.producer({ stationName: 'order', producerName: 'p' });
  const send = () => producer.produce({ message: { a: 1 }, nonblocking: true });
  void send();
  await memphis.stationExists('order');
  void send();
  await expect(producer.produce({ message: {} })).rejects.toThrow('Schema validation has failed');
  await producer.flush();
  await memphis.stationExists('order');
  all.unsubscribe();
  registrations.end();
  expect(heard).toEqual([
    'order$1.final',
    '$JS.API.STREAM.INFO.order$1',
    '$JS.API.STREAM.INFO.order',
    'order$1.final',
    '$memphis_schemaverse_dls',
    '$JS.API.STREAM.INFO.order$1',
    '$JS.API.STREAM.INFO.order',
  ]);
});
