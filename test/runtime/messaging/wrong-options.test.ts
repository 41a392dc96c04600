import { ValidationError } from '../../../src/model/errors';
import type { Consumer, Message, MultiStationProducer, Producer } from '../../../src/runtime/messaging';
import { Memphis } from '../../../src/runtime/messaging';
import { TestBroker } from '../../support/broker';

const broker = TestBroker.forThisFile();
let memphis: Memphis;
beforeAll(async () => {
  memphis = await broker.client();
});

/** Every method that takes options, as a program without types may call it. */
const calls: Readonly<Record<string, (given: never) => unknown>> = {
  connect: (given) => new Memphis().connect(given),
  station: (given) => memphis.station(given),
  stationExists: (given) => memphis.stationExists(given),
  producer: (given) => memphis.producer(given),
  produce: (given) => memphis.produce(given),
  flush: (given: unknown) => memphis.flush((given ?? null) as never),
  consumer: (given) => memphis.consumer(given),
  fetchMessages: (given) => memphis.fetchMessages(given),
  createSchema: (given) => memphis.createSchema(given),
  enforceSchema: (given) => memphis.enforceSchema(given),
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- it keeps working
  attachSchema: (given) => memphis.attachSchema(given),
  detachSchema: (given) => memphis.detachSchema(given),
};

const requests = ['station', 'producer', 'consumer', 'schema']
  .map((kind) => `$memphis_${kind}_creations`)
  .concat(['$memphis_schema_attachments', '$memphis_schema_detachments']);

const wrong: readonly [given: unknown, why: string][] = [
  [undefined, 'forgotten'],
  [null, 'what JSON has for nothing'],
  [5, 'no options at all'],
  [
    {
      host: 5,
      username: null,
      name: [],
      stationName: {},
      producerName: 7,
      consumerName: true,
      schemaName: 1,
      signal: {},
      timeoutMs: 'x',
    },
    'each of a wrong type',
  ],
];

test.each(Object.keys(calls).flatMap((method) => wrong.map(([given, why]) => [method, given, why] as const)))(
  '%s(%j) rejects with all that is wrong, and never throws (%s)',
  async (method, given) => {
    const taps = await Promise.all(requests.map((subject) => broker.tap(subject)));
    const called = calls[method]?.(given as never);
    // A number is a time for flush.
    if (method === 'flush' && given === 5) await called;
    else await expect(called).rejects.toThrow(ValidationError);
    await memphis.stationExists('nothing');
    for (const tap of taps) expect(await tap.all()).toEqual([]);
  },
);

test.each(Object.keys(calls).filter((method) => !['flush', 'stationExists'].includes(method)))(
  '%s reports an unknown option together with all other problems',
  async (method) => {
    const error: unknown = await Promise.resolve(calls[method]?.({ signal: {}, nonsense: 1 } as never)).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(ValidationError);
    const { problems } = error as ValidationError;
    expect(problems).toContainEqual(expect.stringMatching(/^nonsense is not an option of this call/));
    expect(problems.length).toBeGreaterThan(1);
  },
);

describe('an option that no call has is refused with the nearest name', () => {
  const stationName = 'unknown-options';
  const names = { stationName, producerName: 'p', consumerName: 'c' };
  const message = async (): Promise<Message> => {
    const producer = await memphis.producer({ stationName, producerName: 'p' });
    await producer.produce({ message: 'm' });
    const consumer = await memphis.consumer({ stationName, consumerName: 'c' });
    const [first] = await consumer.fetch({ batchSize: 1, batchMaxTimeToWaitMs: 2000 });
    if (first === undefined) throw new Error('no message came');
    return first;
  };
  const producerOf = async (): Promise<Producer> => memphis.producer({ stationName, producerName: 'p' });
  const consumerOf = async (): Promise<Consumer> => memphis.consumer({ stationName, consumerName: 'c' });
  const several = async (): Promise<MultiStationProducer> =>
    memphis.producer({ stationName: [stationName], producerName: 's' });
  type Call = (given: never) => Promise<unknown>;
  const wrongly = (options: object): never => options as never;

  test.each<[method: string, call: Call, given: object, nearest: string]>([
    ['connect', (given) => new Memphis().connect(given), { hots: 'a' }, 'hots: host'],
    ['connect', (given) => new Memphis().connect(given), { token: 'a' }, 'token: connectionToken'],
    [
      'station',
      (given) => memphis.station(given),
      { name: 'a', partitions: 3 },
      'partitions: partitionsNumber',
    ],
    ['station', (given) => memphis.station(given), { name: 'a', dls: 'b' }, 'dls: dlsStation'],
    ['stationExists', (given) => memphis.stationExists('a', given), { sginal: 1 }, 'sginal: signal'],
    [
      'producer',
      (given) => memphis.producer(given),
      { ...names, consumerName: undefined, retries: 1 },
      'retries: timeoutRetries',
    ],
    [
      'produce',
      (given) => memphis.produce(given),
      { stationName, producerName: 'p', message: 'm', ackWait: 5 },
      'ackWait: ackWaitSec',
    ],
    ['flush', (given) => memphis.flush(given), { timeout: 5 }, 'timeout: timeoutMs'],
    [
      'consumer',
      (given) => memphis.consumer(given),
      { stationName, consumerName: 'c', group: 'g' },
      'group: consumerGroup',
    ],
    [
      'fetchMessages',
      (given) => memphis.fetchMessages(given),
      { stationName, consumerName: 'c', pullIntervalMs: 5 },
      'pullIntervalMs: ',
    ],
    [
      'createSchema',
      (given) => memphis.createSchema(given),
      { schemaName: 'a', schemaType: 'json', content: '{}' },
      'content: schemaContent',
    ],
    [
      'enforceSchema',
      (given) => memphis.enforceSchema(given),
      { name: 'a', station: 'b' },
      'station: stationName',
    ],
    ['detachSchema', (given) => memphis.detachSchema(given), { stationName, schema: 'b' }, 'schema: '],
    ['close', (given) => new Memphis().close(given), { timeoutMs: 5 }, 'timeoutMs: '],
    [
      'Station.destroy',
      async (given) => (await memphis.station({ name: stationName })).destroy(given),
      { force: true },
      'force: ',
    ],
    [
      'Producer.produce',
      async (given) => (await producerOf()).produce(given),
      { message: 'm', header: {} },
      'header: headers',
    ],
    [
      'Producer.produce',
      async (given) => (await producerOf()).produce(given),
      { message: 'm', stationName },
      'stationName: ',
    ],
    [
      'Producer.flush',
      async (given) => (await producerOf()).flush(given),
      { timeout: 5 },
      'timeout: timeoutMs',
    ],
    [
      'Producer.destroy',
      async (given) => (await producerOf()).destroy(given),
      { timeout: 5 },
      'timeout: timeoutRetries',
    ],
    [
      'several.produce',
      async (given) => (await several()).produce(given),
      { message: 'm', msgID: 'x' },
      'msgID: msgId',
    ],
    [
      'produce to several',
      (given) => memphis.produce(given),
      { stationName: [stationName], producerName: 's', message: 'm', partitionkey: 'k' },
      'partitionkey: producerPartitionKey',
    ],
    ['several.flush', async (given) => (await several()).flush(given), { timeout: 5 }, 'timeout: timeoutMs'],
    [
      'attachSchema',
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- it keeps working
      (given) => memphis.attachSchema(given),
      { name: 'a', station: 'b' },
      'station: stationName',
    ],
    [
      'several.destroy',
      async (given) => (await several()).destroy(given),
      { retries: 1 },
      'retries: timeoutRetries',
    ],
    [
      'Consumer.fetch',
      async (given) => (await consumerOf()).fetch(given),
      { batch: 5 },
      'batch: batchSize or batchMaxTimeToWaitMs',
    ],
    [
      'Consumer.consume',
      async (given) => (await consumerOf()).consume(() => undefined, given),
      { partitionNumber: 5 },
      'partitionNumber: consumerPartitionNumber',
    ],
    [
      'Consumer.messages',
      async (given) => (await consumerOf()).messages(given).next(),
      { prefecth: true },
      'prefecth: prefetch',
    ],
    [
      'Consumer.stop',
      async (given) => (await consumerOf()).stop(given),
      { timeout: 5 },
      'timeout: timeoutMs',
    ],
    [
      'Consumer.destroy',
      async (given) => (await consumerOf()).destroy(given),
      { timeoutRetry: 5 },
      'timeoutRetry: timeoutRetries',
    ],
  ])('%s %#', async (_, call, given, nearest) => {
    const [name, known] = nearest.split(': ');
    const called = call(wrongly(given));
    await expect(called).rejects.toThrow(ValidationError);
    const advice = known === '' ? 'remove it, or use one of ' : `use ${known}, or remove it`;
    await expect(called).rejects.toThrow(`${name} is not an option of this call; ${advice}`);
  });

  test('of the calls of a message, which stays as it is', async () => {
    const received = await message();
    for (const call of [
      () => received.ack(wrongly({ sginal: 1 })),
      () => received.nack(wrongly({ sginal: 1 })),
      () => received.delay({ seconds: 1 }, wrongly({ sginal: 1 })),
      () => received.deadLetter('why', wrongly({ sginal: 1 })),
    ])
      await expect(call()).rejects.toThrow('sginal is not an option of this call; use signal, or remove it');
    await expect(received.delay(wrongly({ second: 1 }))).rejects.toThrow(
      'second is not an option of this call; use seconds',
    );
    await expect(received.getDataDeserialized(wrongly({ stric: true }))).rejects.toThrow('use strict');
    await received.ack();
  });
});

test('a handler and a listener that are no functions are refused at once', async () => {
  const consumer = await memphis.consumer({ stationName: broker.stationName(), consumerName: 'c' });
  expect(() => consumer.consume(undefined as never)).toThrow(ValidationError);
  expect(() => memphis.onError('x' as never)).toThrow(ValidationError);
});

test('nothing is made for a first message that no station would take', async () => {
  const stationName = broker.stationName();
  const produced = memphis.produce({ stationName, producerName: 'p', message: 'm', ackWaitSec: -1 });
  await expect(produced).rejects.toThrow(ValidationError);
  const toSeveral = memphis.produce({
    stationName: [stationName],
    producerName: 'p',
    message: 'm',
    ackWaitSec: -1,
  });
  await expect(toSeveral).rejects.toThrow(ValidationError);
  expect(await memphis.stationExists(stationName)).toBe(false);
});
