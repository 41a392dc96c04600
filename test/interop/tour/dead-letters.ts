import { setTimeout as pause } from 'node:timers/promises';
import { within15Seconds } from '../../conformance/seed/station-traffic';
import { eventually } from '../../support/broker';
import type { SdkMessage } from '../sdk/official-sdk';
import type { Step } from './step';
import { jsStep, pythonStep, step } from './step';
import type { Options, Tour } from './tour';
import { textOf, textsOf } from './tour';

const JSON_SCHEMA = '{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}';

/** Lets the message `bad` run out of its deliveries; returns a consumer of the group `c`. */
async function poison(tour: Tour, station: string): Promise<string> {
  await tour.produce(await tour.producer(station), 'bad');
  const consumer = await tour.consumer(station, { maxAckTimeMs: 300, maxMsgDeliveries: 1 });
  expect(textsOf(await tour.fetch(consumer, 1))).toEqual(['bad']);
  await pause(400);
  // The broker notices at the next poll.
  await tour.fetch(consumer, 1);
  return consumer;
}

const isPoisoned = (tour: Tour, station: string) => async () =>
  (await tour.deadLetters(station)).poison === 1;

async function resend(tour: Tour, station: string): Promise<void> {
  const [record] = (await tour.overview(station)).poison_messages;
  await tour.broker.rest('POST', '/stations/resendPoisonMessages', {
    poison_message_ids: [record?.id],
    station_name: station,
  });
}

/** The next dead letter that is sent again. A client hands out what it has got when a fetch begins. */
async function resent(tour: Tour, station: string, consumer: string): Promise<SdkMessage | undefined> {
  await resend(tour, station);
  await pause(200);
  const [message] = await tour.fetch(consumer, 1);
  return message;
}

async function breakSchema(tour: Tour, station: string): Promise<void> {
  const producer = await tour.producer(station);
  await expect(tour.produce(producer, { a: 'x' })).rejects.toThrow('Schema validation has failed');
}

/** The copies in a dead-letter station by their type. */
async function copies(tour: Tour, station: string, count: number): Promise<ReadonlyMap<string, SdkMessage>> {
  await tour.eventuallyStored(station, count);
  const read = await tour.fetch(await tour.consumer(station), count);
  return new Map(read.map((message) => [message.headers?.type ?? '', message]));
}

const stationWithDls = (tour: Tour, options: Options = {}): Promise<string> =>
  tour.stationWithSchema('json', JSON_SCHEMA, options);

export const deadLetters: readonly Step[] = [
  step('DLS-1', 'a message that is never acknowledged becomes a dead letter', async (tour) => {
    const name = await tour.station();
    await poison(tour, name);
    await within15Seconds(isPoisoned(tour, name), 'the dead letter');
  }),
  step('DLS-2', 'not so where that is switched off', async (tour) => {
    const [name, keeping] = [await tour.station({ sendPoisonMsgToDls: false }), await tour.station()];
    await poison(tour, name);
    // The second station tells when the broker would have noticed.
    await poison(tour, keeping);
    await within15Seconds(isPoisoned(tour, keeping), 'the dead letter of the other');
    expect((await tour.deadLetters(name)).poison).toBe(0);
  }),
  step(
    'DLS-3',
    'a message that breaks its schema becomes a dead letter, and reads as it was sent',
    async (tour) => {
      const name = await stationWithDls(tour);
      await breakSchema(tour, name);
      await within15Seconds(async () => (await tour.deadLetters(name)).schema === 1, 'the record');
      const [record] = (await tour.overview(name)).schema_failed_messages;
      expect(record?.message.data).toBe(
        // The Python client writes the value as Python does.
        Buffer.from(tour.isPython ? "{'a': 'x'}" : '{"a":"x"}').toString('hex'),
      );
    },
  ),
  step('DLS-4', 'poison only: what breaks its schema is refused and not recorded', async (tour) => {
    const name = await stationWithDls(tour, { sendPoisonMsgToDls: true, sendSchemaFailedMsgToDls: false });
    const keeping = await stationWithDls(tour);
    await breakSchema(tour, name);
    await breakSchema(tour, keeping);
    await within15Seconds(
      async () => (await tour.deadLetters(keeping)).schema === 1,
      'the record of the other',
    );
    expect((await tour.deadLetters(name)).schema).toBe(0);
  }),
  step('DLS-6', 'copies of both kinds in the dead-letter station', async (tour) => {
    const dlsStation = tour.broker.stationName('dls');
    const name = await stationWithDls(tour, { dlsStation });
    await breakSchema(tour, name);
    await tour.sdk.call('memphis', 'detachSchema', [{ stationName: name }]);
    await eventually(async () => {
      const producer = await tour.producer(name, { producerName: 'check' });
      return tour.produce(producer, 'fits nothing').then(
        () => true,
        () => false,
      );
    }, 'the schema is gone');
    const other = await tour.consumer(name, { consumerName: 'c', maxAckTimeMs: 300, maxMsgDeliveries: 1 });
    await tour.fetch(other, 1);
    await pause(400);
    await tour.fetch(other, 1);
    const byType = await copies(tour, dlsStation, 2);
    expect([...byType.keys()].sort()).toEqual(['failed_schema', 'unacked']);
    expect([...byType.values()].map((copy) => copy.headers?.station)).toEqual([name, name]);
  }),
  step('DLS-7', 'with both flags off nothing comes to the dead-letter station', async (tour) => {
    const [dlsStation, filled] = [tour.broker.stationName('dls'), tour.broker.stationName('dls')];
    const off = { sendPoisonMsgToDls: false, sendSchemaFailedMsgToDls: false };
    await breakSchema(tour, await stationWithDls(tour, { dlsStation, ...off }));
    await breakSchema(tour, await stationWithDls(tour, { dlsStation: filled }));
    await tour.eventuallyStored(filled, 1);
    expect(await tour.stored(dlsStation)).toBe(0);
  }),
  step('DLS-8', 'a flag that is changed by REST reaches the live producer', async (tour) => {
    const name = await stationWithDls(tour);
    const producer = await tour.producer(name);
    const tap = await tour.broker.tap('$memphis_schemaverse_dls');
    const records = () => tap.texts.filter((text) => text.includes(name)).length;
    const fail = () => expect(tour.produce(producer, { a: 'x' })).rejects.toThrow('Schema validation');
    await fail();
    await eventually(() => records() === 1, 'the first is recorded');
    const change = { station_name: name, poison: true, schemaverse: false };
    // A Memphis broker tells its clients the value from before a change: they follow when it is made once more.
    for (let index = 0; index < 2; index += 1) {
      await tour.broker.rest('PUT', '/stations/updateDlsConfig', change);
    }
    await eventually(async () => {
      const before = records();
      await fail();
      await pause(50);
      return records() === before;
    }, 'no more are');
    tap.end();
  }),

  step('MSG-5', 'acknowledging a dead letter that was sent again takes the record away', async (tour) => {
    const name = await tour.station();
    const consumer = await poison(tour, name);
    await within15Seconds(isPoisoned(tour, name), 'the dead letter');
    const message = await resent(tour, name, consumer);
    expect(message === undefined ? '' : textOf(message)).toBe('bad');
    await tour.message(message, 'ack');
    await eventually(async () => (await tour.deadLetters(name)).poison === 0, 'the record is gone');
  }),
  step('MSG-8', 'a dead letter cannot be put off', async (tour) => {
    const name = await tour.station();
    const consumer = await poison(tour, name);
    await within15Seconds(isPoisoned(tour, name), 'the dead letter');
    const message = await resent(tour, name, consumer);
    await expect(tour.message(message, 'delay', 1)).rejects.toThrow('cannot delay DLS message');
  }),
  jsStep(
    'MSG-12',
    'a message that the handler calls dead is recorded with its reason, and not sent again',
    async (tour) => {
      const name = await tour.station();
      await tour.fill(name, 1);
      const consumer = await tour.consumer(name, { maxAckTimeMs: 300 });
      const [message] = await tour.fetch(consumer, 1);
      const records = await tour.broker.tap('$memphis_nacked_dls');
      await tour.message(message, 'deadLetter', 'a reason');
      await within15Seconds(isPoisoned(tour, name), 'the dead letter');
      await eventually(() => records.texts.some((text) => text.includes(name)), 'what the client said');
      records.end();
      expect(records.texts.map((text) => JSON.parse(text) as unknown)).toContainEqual({
        station_name: name,
        error: 'a reason',
        partition: 1,
        cg_name: 'c',
        seq: 1,
      });
      await pause(400);
      expect(await tour.fetch(consumer, 1)).toEqual([]);
    },
  ),
  pythonStep(
    'MSG-12',
    'a message that the handler calls dead is not sent again, and the client loses it',
    async (tour) => {
      const name = await tour.station();
      await tour.fill(name, 1);
      const [message] = await tour.fetch(await tour.consumer(name, { maxAckTimeMs: 300 }), 1);
      await expect(tour.message(message, 'deadLetter', 'a reason')).rejects.toThrow('not callable');
      await eventually(
        async () => (await tour.broker.durable(name, 1, 'c'))?.num_ack_pending === 0,
        'it is ended',
      );
      expect((await tour.deadLetters(name)).poison).toBe(0);
    },
  ),
  step('CSM-11', 'a dead letter that is sent again reaches the handler', async (tour) => {
    const name = await tour.station();
    const consumer = await poison(tour, name);
    await within15Seconds(isPoisoned(tour, name), 'the dead letter');
    await tour.listen(consumer);
    await resend(tour, name);
    await within15Seconds(() => tour.heardTexts(consumer).includes('bad'), 'it comes');
  }),
];
