import { setTimeout as pause } from 'node:timers/promises';
import { UnsafeRequestError, ValidationError } from '../../../../src/model/errors';
import type { Consumer, Memphis, Message } from '../../../../src/runtime/messaging';
import { Headers } from '../../../../src/runtime/messaging';
import { eventually, TestBroker } from '../../../support/broker';

const broker = TestBroker.forThisFile();
let memphis: Memphis;
beforeAll(async () => {
  memphis = await broker.client();
});

/** A consumer, and the one message that it has fetched. */
async function received(
  produce: object = {},
): Promise<{ station: string; consumer: Consumer; message: Message }> {
  const station = broker.stationName('my.station');
  const producer = await memphis.producer({ stationName: station, producerName: 'Prod' });
  await producer.produce({ message: 'm', ...produce });
  const consumer = await memphis.consumer({
    stationName: station,
    consumerName: 'c.1',
    maxMsgDeliveries: 3,
    batchMaxTimeToWaitMs: 150,
  });
  const [message] = await consumer.fetch({ batchSize: 1 });
  if (message === undefined) throw new Error('no message came');
  return { station, consumer, message };
}

const internal = (station: string): string => station.replaceAll('.', '#');

test('what a message tells about itself', async () => {
  const headers = new Headers().add('trace', 'x').add('grüß'.replace('üß', 'uess'), 'wörld');
  const before = Date.now();
  const { message } = await received({ headers, msgId: '42' });
  expect(Buffer.from(message.getData()).toString()).toBe('m');
  expect(message.getHeaders()).toEqual({ trace: 'x', gruess: 'wörld' });
  expect(message.getMsgId()).toBe('42');
  expect(message.getProducerName()).toBe('prod');
  expect(message.getSequenceNumber()).toBe(1);
  expect(message.getPartitionNumber()).toBe(1);
  expect(message.isDeadLetter()).toBe(false);
  const sent = message.getTimeSent()?.getTime() ?? 0;
  expect(Math.abs(sent - before)).toBeLessThan(5_000);
});

test('the payload is a copy: changing it changes nothing', async () => {
  const { message } = await received();
  message.getData()[0] = 0;
  expect(Buffer.from(message.getData()).toString()).toBe('m');
});

test('headers with names that every object has arrive', async () => {
  const headers = JSON.parse('{"__proto__":"x","constructor":"y"}') as Record<string, string>;
  const { message } = await received({ headers });
  expect(Object.entries(message.getHeaders())).toEqual(Object.entries(headers));
});

test('a message without headers of its sender has none', async () => {
  expect((await received()).message.getHeaders()).toEqual({});
});

test('ack: nothing is pending, nothing comes again; a second answer does nothing', async () => {
  const { station, consumer, message } = await received();
  await message.ack();
  await message.ack();
  await message.nack();
  await eventually(
    async () => (await broker.durable(internal(station), 1, 'c#1'))?.ack_floor.stream_seq === 1,
    'the ack arrived',
  );
  expect(await consumer.fetch()).toEqual([]);
});

test('nack: it comes again at once', async () => {
  const { consumer, message } = await received();
  expect(message.getDeliveryCount()).toBe(1);
  await message.nack();
  const again = await consumer.fetch({ batchSize: 1 });
  expect(again.map((each) => each.getDeliveryCount())).toEqual([2]);
});

test('delay: it comes again after that many seconds', async () => {
  const { consumer, message } = await received();
  await message.delay({ seconds: 0.5 });
  const begin = performance.now();
  expect(await consumer.fetch({ batchSize: 1 })).toEqual([]);
  expect(await consumer.fetch({ batchSize: 1, batchMaxTimeToWaitMs: 2_000 })).toHaveLength(1);
  expect(performance.now() - begin).toBeGreaterThan(400);
});

test.each([-1, NaN, Infinity])('a delay of %p seconds is refused', async (seconds) => {
  const { message } = await received();
  await expect(message.delay({ seconds })).rejects.toThrow(ValidationError);
});

test('dead letter: the record goes out before the delivery is ended (SDK defect: the record was lost)', async () => {
  const { station, consumer, message } = await received();
  const records = await broker.tap('$memphis_nacked_dls');
  await message.deadLetter('bad order');
  await eventually(() => records.texts.length > 0, 'the record');
  records.end();
  expect(JSON.parse(records.texts[0] ?? '')).toEqual({
    station_name: internal(station),
    error: 'bad order',
    partition: 1,
    cg_name: 'c.1',
    seq: 1,
  });
  await eventually(
    async () => (await broker.durable(internal(station), 1, 'c#1'))?.num_ack_pending === 0,
    'the delivery is ended',
  );
  expect(await consumer.fetch()).toEqual([]);
});

test('a message without headers never becomes a dead letter: its record would end a broker', async () => {
  const station = broker.stationName();
  await memphis.station({ name: station });
  broker.observer.publish(`${station}$1.final`, 'from a plain client');
  await broker.observer.flush();
  const consumer = await memphis.consumer({ stationName: station, consumerName: 'c' });
  const [message] = await consumer.fetch({ batchSize: 1 });
  const records = await broker.tap('$memphis_nacked_dls');
  await expect(message?.deadLetter('no')).rejects.toThrow(UnsafeRequestError);
  expect(records.texts).toEqual([]);
  records.end();
  // It is still ours to answer.
  await message?.ack();
});

test('dead letters that are sent again come to fetch first, once, and are acknowledged by their id', async () => {
  const { station, consumer } = await received();
  const acks = await broker.tap('$memphis_pm_acks');
  const { headers } = await import('nats');
  const sent = headers();
  sent.append('trace', 'x');
  sent.append('$memphis_pm_id', '17');
  sent.append('$memphis_pm_cg_name', 'c.1');
  sent.append('$memphis_producedBy', '$memphis_dls');
  await pause(50);
  broker.observer.publish(`$memphis_dls_${internal(station)}.c#1`, 'poison', { headers: sent });
  // Older clients listen to this one; hearing both would double every message.
  broker.observer.publish(`$memphis_dls_${internal(station)}_c#1`, 'poison', { headers: sent });
  await broker.observer.flush();
  await pause(50);
  const messages = await consumer.fetch();
  expect(messages).toHaveLength(1);
  const [poison] = messages;
  expect(poison?.isDeadLetter()).toBe(true);
  expect(poison?.getHeaders()).toEqual({ trace: 'x' });
  expect(poison?.getSequenceNumber()).toBeUndefined();
  expect(poison?.getDeliveryCount()).toBeUndefined();
  expect(poison?.getTimeSent()).toBeUndefined();
  await expect(poison?.delay({ seconds: 1 })).rejects.toThrow('cannot delay DLS message');
  await poison?.ack();
  await eventually(() => acks.texts.length > 0, 'the ack');
  expect(acks.texts).toEqual(['{"id":17,"cg_name":"c.1"}']);
  acks.end();
  expect(await consumer.fetch()).toEqual([]);
});
