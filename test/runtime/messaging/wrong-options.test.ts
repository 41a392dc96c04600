import { ValidationError } from '../../../src/model/errors';
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
