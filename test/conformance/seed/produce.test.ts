import { setTimeout as pause } from 'node:timers/promises';
import {
  NotFoundError,
  SchemaValidationError,
  TimeoutError,
  ValidationError,
} from '../../../src/model/errors';
import type { ProduceOptions, Producer } from '../../../src/runtime/messaging';
import { ackWaitMs } from '../../../src/runtime/messaging/produce/produce-options';
import { Producers } from '../../../src/runtime/messaging/produce/producers';
import { eventually } from '../../support/broker';
import { row } from './row';
import { duration, trafficForThisFile } from './station-traffic';
import { rejection } from '../../support/rejection';

const traffic = trafficForThisFile();
const { broker } = traffic;

async function producer(): Promise<Producer> {
  return traffic.memphis.producer({ stationName: (await traffic.station()).name, producerName: 'p' });
}

row('PRD-1', async () => {
  const made = await producer();
  expect(await made.produce({ message: 'm' })).toEqual({
    station: made.stationName,
    partition: 1,
    sequence: 1,
    duplicate: false,
  });
  expect((await broker.storedMessage(made.stationName, 1, 1)).data.toString()).toBe('m');
});

row('PRD-2', async () => {
  const { name } = await traffic.station();
  const requests = await broker.tap('$memphis_producer_creations');
  for (let count = 0; count < 5; count += 1) {
    await traffic.memphis.produce({ stationName: name, producerName: 'p', message: 'm' });
  }
  expect((await requests.all()).filter((text) => text.includes(name))).toHaveLength(1);
  expect((await broker.stream(name))?.state.messages).toBe(5);
  // The same options as on the producer.
  const { name: wide } = await traffic.station({ partitionsNumber: 3 });
  const target = { stationName: wide, producerName: 'p', message: 'm', headers: { a: '1' }, msgId: '9' };
  const receipt = await traffic.memphis.produce({ ...target, producerPartitionKey: 'key' });
  expect(receipt).toEqual({ station: wide, partition: 2, sequence: 1, duplicate: false });
  expect((await broker.storedMessage(wide, 2, 1)).headers).toMatch(/\r\na: 1\r\n[^]*\r\nmsg-id: 9\r\n/);
  await traffic.memphis.produce({ ...target, msgId: '10', producerPartitionNumber: 3 });
  expect((await broker.stream(wide, 3))?.state.messages).toBe(1);
  const wrong = { ...target, producerPartitionNumber: 4 };
  expect(await rejection(traffic.memphis.produce(wrong))).toBeInstanceOf(ValidationError);
});

row('PRD-3', async () => {
  const made = await producer();
  const lookUps = jest.spyOn(Producers.prototype, 'get');
  await made.produce({ message: 'm' });
  expect(lookUps).not.toHaveBeenCalled();
  await traffic.memphis.produce({ stationName: made.stationName, producerName: 'p', message: 'm' });
  expect(lookUps).toHaveBeenCalledTimes(1);
  lookUps.mockRestore();
});

/** A producer whose messages reach somebody who never answers. */
async function unansweredProducer(): Promise<{ made: Producer; end: () => void }> {
  const made = await producer();
  await broker.jetStream(`STREAM.DELETE.${made.stationName}$1`);
  const silent = broker.observer.subscribe(`${made.stationName}$1.final`);
  await broker.observer.flush();
  return { made, end: () => silent.unsubscribe() };
}

row('PRD-15', async () => {
  expect([ackWaitMs({ message: 'm' }), ackWaitMs({ message: 'm', ackWaitSec: 1 })]).toEqual([15_000, 1_000]);
  const { made, end } = await unansweredProducer();
  const waited = await duration(async () => {
    expect(await rejection(made.produce({ message: 'm', ackWaitSec: 1 }))).toBeInstanceOf(TimeoutError);
  });
  end();
  const illegal = { message: 'm', ackWaitSec: 0 };
  expect(await rejection(made.produce(illegal))).toBeInstanceOf(ValidationError);
  // The official JS client waits five seconds whatever it is told.
  expect(waited).toBeGreaterThan(950);
  expect(waited).toBeLessThan(2_000);
});

row('PRD-16', async () => {
  const { made, end } = await unansweredProducer();
  const errors: Error[] = [];
  const stop = traffic.memphis.onError((error) => errors.push(error));
  const options = { message: 'm', ackWaitSec: 0.5, nonblocking: true } as const;
  const waited = await duration(async () => {
    await made.produce(options);
    // The call was long over when the wait began to count.
    expect(errors).toEqual([]);
  });
  expect(waited).toBeLessThan(400);
  const reported = await duration(() =>
    eventually(() => errors.length === 1, 'the ack that did not come is reported'),
  );
  expect(waited + reported).toBeGreaterThan(450);
  expect(errors[0]).toBeInstanceOf(TimeoutError);
  expect(ackWaitMs({ message: 'm', ackWaitSec: 30, nonblocking: true })).toBe(30_000);
  stop();
  end();
});

row('PRD-17', async () => {
  const made = await producer();
  await made.produce({ message: 'm' });
  const { headers } = await broker.storedMessage(made.stationName, 1, 1);
  const keys = headers
    .split('\r\n')
    .slice(1)
    .filter(Boolean)
    .map((line) => line.split(':')[0]);
  expect(keys).toEqual(['$memphis_producedBy', '$memphis_connectionId']);
});

row('PRD-18', async () => {
  const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const made = await producer();
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the old name keeps working
  const options: ProduceOptions = { message: 'm', asyncProduce: true };
  expect(await made.produce(options)).toBeUndefined();
  expect(warnings).toHaveBeenCalledWith(expect.stringContaining('deprecated'), 'DeprecationWarning');
  warnings.mockRestore();
  await made.flush();
  expect((await broker.stream(made.stationName))?.state.messages).toBe(1);
});

row('PRD-19', async () => {
  const schemaName = broker.stationName('schema');
  const schemaContent = '{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}';
  await traffic.memphis.createSchema({ schemaName, schemaType: 'json', schemaContent });
  const { name } = await traffic.station({ schemaName });
  const made = await traffic.memphis.producer({ stationName: name, producerName: 'p' });
  const records = await broker.tap('$memphis_schemaverse_dls');
  const notifications = await broker.tap('$memphis_notifications');
  const error = await rejection(made.produce({ message: { a: 'x' } }));
  expect(error).toBeInstanceOf(SchemaValidationError);
  expect(error.message).toContain('Schema validation has failed: ');
  const mine = (texts: readonly string[]) => texts.filter((text) => text.includes(made.stationName));
  await eventually(() => mine(records.texts).length === 1, 'the record is sent');
  expect(mine(notifications.texts)).toEqual([]);
  const switchNotifications = async (update: boolean): Promise<void> => {
    const change = { station_name: '', type: 'send_notification', update };
    broker.observer.publish('$memphis_sdk_clients_updates', JSON.stringify(change));
    await broker.observer.flush();
    await pause(50);
  };
  await switchNotifications(true);
  await rejection(made.produce({ message: { a: 'x' } }));
  await eventually(() => mine(notifications.texts).length === 1, 'the notification is sent');
  await switchNotifications(false);
  expect(JSON.parse(mine(notifications.texts)[0] ?? '{}')).toMatchObject({
    title: 'Schema validation has failed',
    type: 'schema_validation_fail_alert',
    code: '{"a":"x"}',
  });
  records.end();
  notifications.end();
});

row('PRD-20', async () => {
  const made = await producer();
  await broker.jetStream(`STREAM.DELETE.${made.stationName}$1`);
  const error = await rejection(made.produce({ message: 'm' }));
  expect(error).toBeInstanceOf(NotFoundError);
  expect(error.message).toContain(
    'Produce operation has failed, please check whether Station/Producer still exist',
  );
  // And with all of the station, by somebody at the UI; nothing makes it again.
  const other = await producer();
  await broker.rest('DELETE', '/stations/removeStation', { station_names: [other.stationName] });
  expect(await rejection(other.produce({ message: 'm' }))).toBeInstanceOf(NotFoundError);
  expect(await broker.stream(other.stationName)).toBeUndefined();
});
