import { ValidationError } from '../../../../src/model/errors';
import type { ProduceOptions } from '../../../../src/runtime/messaging';
import { completeConnectOptions } from '../../../../src/runtime/messaging/connection/connect-options';
import { ErrorListeners } from '../../../../src/runtime/messaging/connection/error-listeners';
import { MessagingSession } from '../../../../src/runtime/messaging/messaging-session';
import { sendSchemaCreation } from '../../../../src/runtime/messaging/station/schema-lifecycle';
import { sendStationCreation } from '../../../../src/runtime/messaging/station/station';
import { TestBroker } from '../../../support/broker';
import { problemsOf } from '../../../support/problems-of';

let session: MessagingSession;
// Before the broker of this file ends.
afterAll(() => session.close(0));
const broker = TestBroker.forThisFile();
beforeAll(async () => {
  session = await MessagingSession.open(completeConnectOptions(broker.options), new ErrorListeners());
});

/** What the client does for a message that it may have to make a producer for. */
async function produced(stationName: string, options: unknown): Promise<unknown> {
  const given = options as ProduceOptions;
  const producer = await session.producers.getIfPresent({ stationName, producerName: 'p' }, given);
  return producer.produce(given);
}

test.each<[why: string, options: object]>([
  ['a number, which a station without a schema does not take', { message: 5 }],
  ['a bigint, for which JSON has no text', { message: { big: 5n } }],
  ['what no station takes', { message: new WeakMap() }],
  ['no time to wait', { message: 'm', ackWaitSec: -1 }],
  ['headers that cannot be sent', { message: 'm', headers: { 'a b': 'c' } }],
  ['two wishes for a partition', { message: 'm', producerPartitionKey: 'k', producerPartitionNumber: 1 }],
])('no station is made for a message that is refused: %s', async (_why, options) => {
  const station = broker.stationName();
  await expect(produced(station, options)).rejects.toThrow(ValidationError);
  expect(await broker.stream(station)).toBeUndefined();
});

test('a station is made for one that can be sent, and a schema may allow what no other station takes', async () => {
  const plain = broker.stationName();
  expect(await produced(plain, { message: 'm' })).toMatchObject({ sequence: 1 });
  const { connection, stations } = session;
  const [schemaName, name] = [broker.stationName('schema'), broker.stationName()];
  await sendSchemaCreation(connection, {
    schemaName,
    schemaType: 'json',
    schemaContent: '{"type":"number"}',
  });
  await sendStationCreation(connection, stations, { name, schemaName });
  expect(await produced(name, { message: 5 })).toMatchObject({ sequence: 1 });
});

test('a producer that is there tells all that is wrong with the options, and goes on', async () => {
  const station = broker.stationName();
  const producer = await session.producers.get({ stationName: station, producerName: 'p' });
  const wrong = {
    message: 'm',
    ackWaitSec: 0,
    msgId: 5,
    nonblocking: 'no',
    concurrentTaskLimit: 0,
    signal: {},
  };
  const error: unknown = await producer.produce(wrong as never).catch((thrown: unknown) => thrown);
  expect(problemsOf(() => throwing(error))).toHaveLength(5);
  for (const timeoutMs of [Infinity, NaN, 2 ** 31]) {
    await expect(producer.flush({ timeoutMs })).rejects.toThrow(/timeoutMs is .* at most 2147483647/);
  }
  await expect(producer.destroy({ timeoutRetries: -1 })).rejects.toThrow('timeoutRetries is -1');
  expect(await producer.produce({ message: 'm' })).toMatchObject({ sequence: 1 });
});

function throwing(error: unknown): never {
  throw error;
}
