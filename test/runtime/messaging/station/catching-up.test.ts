import type { Msg, NatsConnection } from 'nats';
import { connect } from 'nats';
import { SchemaValidationError } from '../../../../src/model/errors';
import { Memphis } from '../../../../src/runtime/messaging';
import { eventually, TestBroker } from '../../../support/broker';
import { BareServer } from '../bare-server';
import { Gate } from '../gate';
import { withInteger } from '../../../support/schema-text';

const broker = TestBroker.forThisFile();

/** What a test has started; ended after it, also when it fails. */
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  jest.restoreAllMocks();
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface Client {
  readonly memphis: Memphis;
  readonly errors: Error[];
  /** Does something while the client has no connection, and brings the client back. */
  readonly away: (work: () => unknown, outageMs?: number) => Promise<void>;
}

async function client(port = broker.options.port, login: object = broker.options): Promise<Client> {
  const gate = await Gate.before(port);
  cleanUps.push(() => gate.close());
  const memphis = new Memphis();
  const errors: Error[] = [];
  memphis.onError((error) => errors.push(error));
  await memphis.connect({ ...(login as typeof broker.options), port: gate.port, reconnectIntervalMs: 20 });
  cleanUps.push(() => memphis.close());
  return {
    memphis,
    errors,
    away: async (work, outageMs = 0) => {
      gate.cutOff();
      await eventually(() => !memphis.isConnected(), 'the connection is lost');
      await work();
      const clock = Date.now.bind(Date);
      jest.spyOn(Date, 'now').mockImplementation(() => clock() + outageMs);
      gate.letIn();
      await eventually(() => memphis.isConnected(), 'the connection is back');
      jest.spyOn(Date, 'now').mockRestore();
    },
  };
}

async function enforce(stationName: string): Promise<string> {
  const schemaName = broker.stationName('schema');
  const other = await broker.client();
  await other.createSchema({ schemaName, schemaType: 'json', schemaContent: withInteger('a') });
  await other.enforceSchema({ name: schemaName, stationName });
  return schemaName;
}

/** The names in the registrations of a station that are sent from now on. */
async function registrations(station: string): Promise<{ names(): Promise<string[]>; seen(): string[] }> {
  const taps = [
    await broker.tap('$memphis_producer_creations'),
    await broker.tap('$memphis_consumer_creations'),
  ];
  const namesIn = (texts: readonly string[]): string[] =>
    texts.flatMap((text) => {
      const { name, station_name } = JSON.parse(text) as { name: string; station_name: string };
      return station_name === station ? [name] : [];
    });
  return {
    seen: () => taps.flatMap(({ texts }) => namesIn(texts)),
    names: async () => {
      const all: string[] = [];
      for (const tap of taps) all.push(...namesIn(await tap.all()));
      return all;
    },
  };
}

interface Overview {
  readonly connected_producers: readonly { readonly name: string }[];
  readonly connected_cgs: readonly {
    readonly name: string;
    readonly connected_consumers: readonly { readonly name: string }[];
  }[];
}

async function overview(station: string): Promise<Overview> {
  const query = `station_name=${station}&partition_number=-1`;
  const { body } = await broker.rest('GET', `/monitoring/getStationOverviewData?${query}`);
  return body as Overview;
}

test('a schema that was enforced while the connection was lost holds for a producer that comes back', async () => {
  const { memphis, away, errors } = await client();
  const stationName = broker.stationName();
  const producer = await memphis.producer({ stationName, producerName: 'p' });
  await producer.produce({ message: { a: 'x' } });
  let schema = '';
  await away(async () => {
    schema = await enforce(stationName);
  });
  await eventually(() => producer.schemaName === schema, 'the producer hears of the schema');
  await expect(producer.produce({ message: { a: 'x' } })).rejects.toThrow(SchemaValidationError);
  await producer.produce({ message: { a: 1 } });
  // One registration as before, and none that outlives the producer.
  await eventually(
    async () => (await overview(stationName)).connected_producers.length === 1,
    'the producer is listed once',
  );
  await producer.destroy();
  expect((await overview(stationName)).connected_producers).toEqual([]);
  expect(errors).toEqual([]);
});

test('also for a consumer on a station without producers, whose group then ends with it as ever', async () => {
  const { memphis, away, errors } = await client();
  const stationName = broker.stationName();
  const consumer = await memphis.consumer({
    stationName,
    consumerName: 'c',
    batchMaxTimeToWaitMs: 500,
    maxAckTimeMs: 500,
  });
  const other = await broker.client();
  await other.produce({ stationName, producerName: 'p', message: 'before' });
  for (const message of await consumer.fetch()) await message.ack();
  let schema = '';
  await away(async () => {
    schema = await enforce(stationName);
  });
  await other.produce({ stationName, producerName: 'p', message: { a: 1 } });
  await eventually(async () => {
    const [message] = await consumer.fetch();
    const value: unknown = await message?.getDataDeserialized();
    return typeof value === 'object' && value !== null && 'a' in value;
  }, `the consumer reads by the schema ${schema}`);
  await consumer.destroy();
  expect((await overview(stationName)).connected_cgs).toEqual([]);
  const durables = await broker.jetStream(`CONSUMER.NAMES.${stationName}$1`);
  expect(durables).toMatchObject({ total: 0 });
  expect(errors).toEqual([]);
});

test.each([
  [0, ['p1'], 'one registration tells all there is to know of a station; the broker has the others'],
  [3_600_000, ['c1', 'c2', 'p1', 'p2'], 'a broker may be set to delete what was inactive for an hour'],
])('after an outage of %d ms these register again: %j (%s)', async (outageMs, expected) => {
  const { memphis, away, errors } = await client();
  const stationName = broker.stationName();
  await memphis.consumer({ stationName, consumerName: 'c1' });
  await memphis.producer({ stationName, producerName: 'p1' });
  await memphis.consumer({ stationName, consumerName: 'c2' });
  await memphis.producer({ stationName, producerName: 'p2' });
  const gone = await memphis.producer({ stationName, producerName: 'gone' });
  await gone.destroy();
  const sent = await registrations(stationName);
  await away(() => undefined, outageMs);
  await eventually(() => sent.seen().length >= expected.length, 'they are registered');
  await memphis.station({ name: stationName });
  expect((await sent.names()).sort()).toEqual(expected);
  await eventually(async () => {
    const { connected_producers } = await overview(stationName);
    return (
      connected_producers
        .map(({ name }) => name)
        .sort()
        .join() === 'p1,p2'
    );
  }, 'each producer is listed once');
  expect(errors).toEqual([]);
});

test('a station that was removed meanwhile is not made again', async () => {
  const { memphis, away, errors } = await client();
  const [removed, kept] = [broker.stationName(), broker.stationName()];
  await memphis.producer({ stationName: removed, producerName: 'p' });
  await memphis.producer({ stationName: kept, producerName: 'p' });
  const [sent, others] = [await registrations(removed), await registrations(kept)];
  await away(async () => {
    const other = await broker.client();
    await (await other.station({ name: removed })).destroy();
  });
  await eventually(() => others.seen().length > 0, 'the other station is asked about');
  expect(await sent.names()).toEqual([]);
  expect(await memphis.stationExists(removed)).toBe(false);
  expect(errors).toEqual([]);
});

describe('a broker that is not ready yet', () => {
  let server: BareServer;
  let responder: NatsConnection;
  beforeAll(async () => {
    server = await BareServer.start('jetstream: { store_dir: "$FOLDER" }');
    responder = await connect({ servers: `127.0.0.1:${server.port}` });
    const stream = { name: 'st$1', subjects: ['st$1.final'], storage: 'memory' };
    await responder.request('$JS.API.STREAM.CREATE.st$1', JSON.stringify(stream));
    responder.subscribe('$memphis_producer_destructions', {
      callback: (_error, message) => void message.respond(''),
    });
    await responder.flush();
  });
  afterAll(async () => {
    await responder.close();
    await server.kill();
  });

  const login = { host: '127.0.0.1', username: 'root', password: 'p' };

  const registered = (schemaName: string): object => ({
    schema_update: {
      schema_name: schemaName,
      type: schemaName === '' ? '' : 'json',
      active_version: { version_number: 1, schema_content: '{}', message_struct_name: '', descriptor: '' },
    },
    partitions_update: { partitions_list: [1] },
    station_version: 2,
    error: '',
  });

  test.each<[number, string | undefined, RegExp[], string]>([
    [2, 'later', [], 'it starts up'],
    [
      4,
      undefined,
      [/could not create the producer "p" on station "st": refused 4\./],
      'it does not come to its senses',
    ],
  ])('that refuses %d times is asked again: the schema is then %j (%s)', async (refusals, schema, told) => {
    let requests = -1;
    const subscription = responder.subscribe('$memphis_producer_creations', {
      callback: (_error, message) => {
        requests += 1;
        if (requests === 0) message.respond(JSON.stringify(registered('')));
        else if (requests <= refusals) message.respond(JSON.stringify({ error: `refused ${requests}` }));
        else message.respond(JSON.stringify(registered('later')));
      },
    });
    await responder.flush();
    const { memphis, away, errors } = await client(server.port, login);
    const producer = await memphis.producer({ stationName: 'st', producerName: 'p' });
    // The pauses between the tries are random parts of the longest one.
    jest.spyOn(Math, 'random').mockReturnValue(0.01);
    await away(() => undefined);
    await eventually(() => requests >= refusals && (told.length === 0 || errors.length > 0), 'it is asked');
    await eventually(() => producer.schemaName === schema, 'the producer hears of the schema');
    expect(errors.map(({ message }) => message)).toEqual(
      told.map((text) => expect.stringMatching(text) as string),
    );
    subscription.unsubscribe();
  });

  test('a consumer that is destroyed while it registers again takes that registration away as well', async () => {
    const held: Msg[] = [];
    let destructions = 0;
    let requests = 0;
    const answers = [
      responder.subscribe('$memphis_consumer_creations', {
        callback: (_error, message) => {
          requests += 1;
          if (requests === 1) message.respond(JSON.stringify(registered('')));
          else held.push(message);
        },
      }),
      responder.subscribe('$memphis_consumer_destructions', {
        callback: (_error, message) => {
          destructions += 1;
          message.respond('');
        },
      }),
    ];
    await responder.flush();
    const { memphis, away } = await client(server.port, login);
    const consumer = await memphis.consumer({ stationName: 'st', consumerName: 'c' });
    await away(() => undefined);
    await eventually(() => held.length === 1, 'it registers again');
    await consumer.destroy();
    expect(destructions).toBe(1);
    held[0]?.respond(JSON.stringify(registered('')));
    await eventually(() => destructions === 2, 'the late registration is taken away');
    for (const subscription of answers) subscription.unsubscribe();
  });
});
