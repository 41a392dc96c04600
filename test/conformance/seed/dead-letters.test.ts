import { setTimeout as pause } from 'node:timers/promises';
import { SchemaValidationError } from '../../../src/model/errors';
import type { Message, StationOptions } from '../../../src/runtime/messaging';
import { eventually } from '../../support/broker';
import { textOf } from '../../support/text-of';
import { row } from './row';
import { trafficForThisFile, within15Seconds } from './station-traffic';
import { rejection } from '../../support/rejection';

const traffic = trafficForThisFile();
const { broker } = traffic;

/** Lets one message run out of its deliveries; the broker notices at the next poll after the last ack time. */
async function poison(station: string, isNoticed: () => Promise<boolean>): Promise<void> {
  const consumer = await traffic.consumer(station, { maxAckTimeMs: 300, maxMsgDeliveries: 1 });
  await traffic.fill(station, 1);
  expect(await consumer.fetch({ batchSize: 1, batchMaxTimeToWaitMs: 2_000 })).toHaveLength(1);
  await within15Seconds(async () => {
    await consumer.fetch({ batchSize: 1 });
    return isNoticed();
  }, 'the broker notices the message that ran out of deliveries');
}

const poisonMessagesOf = async (station: string) => (await traffic.overview(station)).poison_messages;

async function stationWithSchema(options: Partial<StationOptions> = {}): Promise<string> {
  const schemaName = broker.stationName('schema');
  const schemaContent = '{"type":"object","required":["a"]}';
  await traffic.memphis.createSchema({ schemaName, schemaType: 'json', schemaContent });
  return (await traffic.station({ schemaName, ...options })).name;
}

async function produceInvalid(station: string): Promise<void> {
  const produced = traffic.memphis.produce({
    stationName: station,
    producerName: 'p',
    message: { b: 'bad' },
    headers: { trace: 'x' },
  });
  expect(await rejection(produced)).toBeInstanceOf(SchemaValidationError);
}

/** Records of messages that broke their schema, as clients send them for this station. */
async function recordsDuring(station: string, work: () => Promise<void>): Promise<Record<string, unknown>[]> {
  const tap = await broker.tap('$memphis_schemaverse_dls');
  await work();
  await broker.observer.flush();
  await pause(50);
  tap.end();
  return tap.texts
    .map((text) => JSON.parse(text) as Record<string, unknown>)
    .filter((record) => record.station_name === station);
}

row('DLS-1', async () => {
  const { name } = await traffic.station();
  expect((await traffic.overview(name)).dls_configuration_poison).toBe(true);
  await poison(name, async () => (await poisonMessagesOf(name)).length === 1);
  const [kept] = await poisonMessagesOf(name);
  expect(kept?.message.data).toBe(Buffer.from('1').toString('hex'));
});

row('DLS-2', async () => {
  const { name } = await traffic.station({ sendPoisonMsgToDls: false });
  expect((await traffic.overview(name)).dls_configuration_poison).toBe(false);
  // A second station tells when the broker would have noticed.
  const { name: keeping } = await traffic.station();
  const consumer = await traffic.consumer(name, { maxAckTimeMs: 300, maxMsgDeliveries: 1 });
  await traffic.fill(name, 1);
  await consumer.fetch({ batchSize: 1, batchMaxTimeToWaitMs: 2_000 });
  await poison(keeping, async () => {
    await consumer.fetch({ batchSize: 1 });
    return (await poisonMessagesOf(keeping)).length === 1;
  });
  expect(await poisonMessagesOf(name)).toEqual([]);
});

row('DLS-3', async () => {
  // The record names a station as the broker does inside, where a dot is something else.
  const name = broker.stationName('dotted.station');
  const internal = name.replaceAll('.', '#');
  await stationWithSchema({ name });
  expect((await traffic.overview(name)).dls_configuration_schemaverse).toBe(true);
  const records = await recordsDuring(internal, () => produceInvalid(name));
  expect(records).toEqual([
    {
      station_name: internal,
      producer: { name: 'p', connection_id: expect.any(String) as string },
      message: {
        data: Buffer.from('{"b":"bad"}').toString('hex'),
        headers: {
          trace: 'x',
          $memphis_producedBy: 'p',
          $memphis_connectionId: expect.any(String) as string,
        },
        size: 11,
      },
      validation_error: expect.stringContaining('Schema validation has failed: ') as string,
      partition_number: 1,
    },
  ]);
  await within15Seconds(
    async () => (await traffic.overview(name)).schema_failed_messages.length === 1,
    'the broker keeps the record',
  );
  const [kept] = (await traffic.overview(name)).schema_failed_messages;
  expect(kept?.message.data).toBe(Buffer.from('{"b":"bad"}').toString('hex'));
  expect((await broker.stream(name))?.state.messages).toBe(0);
});

row('DLS-4', async () => {
  const name = await stationWithSchema({ sendPoisonMsgToDls: true, sendSchemaFailedMsgToDls: false });
  expect(await traffic.overview(name)).toMatchObject({
    dls_configuration_poison: true,
    dls_configuration_schemaverse: false,
  });
  expect(await recordsDuring(name, () => produceInvalid(name))).toEqual([]);
  expect((await traffic.overview(name)).schema_failed_messages).toEqual([]);
});

row('DLS-5', async () => {
  const { name } = await traffic.station();
  expect((await traffic.row(name)).body.dls_station ?? '').toBe('');
});

/** Messages that arrive in a dead-letter station. */
async function copiesIn(deadLetterStation: string, count: number): Promise<Message[]> {
  const consumer = await traffic.consumer(deadLetterStation);
  const copies: Message[] = [];
  await within15Seconds(async () => {
    copies.push(...(await consumer.fetch({ batchSize: 10 })));
    return copies.length >= count;
  }, 'copies come to the dead-letter station');
  return copies;
}

row('DLS-6', async () => {
  const dlsStation = broker.stationName('dls');
  const name = await stationWithSchema({ dlsStation });
  expect((await traffic.row(name)).body.dls_station).toBe(dlsStation);
  expect(await broker.stream(dlsStation)).toBeDefined();
  await produceInvalid(name);
  await traffic.memphis.detachSchema({ stationName: name });
  await poison(name, async () => (await poisonMessagesOf(name)).length === 1);
  const copies = await copiesIn(dlsStation, 2);
  const byType = new Map(copies.map((copy) => [copy.getHeaders().type, copy]));
  expect([...byType.keys()].sort()).toEqual(['failed_schema', 'unacked']);
  expect(textOf(byType.get('failed_schema'))).toBe('{"b":"bad"}');
  expect(textOf(byType.get('unacked'))).toBe('1');
  for (const copy of copies) expect(copy.getHeaders().station).toBe(name);
});

row('DLS-7', async () => {
  const dlsStation = broker.stationName('dls');
  const name = await stationWithSchema({
    dlsStation,
    sendPoisonMsgToDls: false,
    sendSchemaFailedMsgToDls: false,
  });
  expect(await recordsDuring(name, () => produceInvalid(name))).toEqual([]);
  // A message that runs out of deliveries; a second station tells when the broker would have noticed.
  await traffic.memphis.detachSchema({ stationName: name });
  const consumer = await traffic.consumer(name, { maxAckTimeMs: 300, maxMsgDeliveries: 1 });
  await traffic.fill(name, 1);
  await consumer.fetch({ batchSize: 1, batchMaxTimeToWaitMs: 2_000 });
  const { name: keeping } = await traffic.station();
  await poison(keeping, async () => {
    await consumer.fetch({ batchSize: 1 });
    return (await poisonMessagesOf(keeping)).length === 1;
  });
  expect(await traffic.overview(name)).toMatchObject({ poison_messages: [], schema_failed_messages: [] });
  expect((await broker.stream(dlsStation))?.state.messages).toBe(0);
});

row('DLS-8', async () => {
  const name = await stationWithSchema({ sendSchemaFailedMsgToDls: true });
  expect(await recordsDuring(name, () => produceInvalid(name))).toHaveLength(1);
  // Off and on again, by somebody at the UI.
  for (const schemaverse of [false, true]) {
    const change = { station_name: name, poison: true, schemaverse };
    expect((await broker.rest('PUT', '/stations/updateDlsConfig', change)).status).toBe(200);
    await eventually(
      async () => (await recordsDuring(name, () => produceInvalid(name))).length === (schemaverse ? 1 : 0),
      'the live producer follows',
    );
    expect((await traffic.overview(name)).dls_configuration_schemaverse).toBe(schemaverse);
  }
});
