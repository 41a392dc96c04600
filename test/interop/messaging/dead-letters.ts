import { setTimeout as pause } from 'node:timers/promises';
import { within15Seconds } from '../../conformance/seed/station-traffic';
import type { Consumer, Message } from '../../../src/runtime/messaging';
import { eventually } from '../../support/broker';
import { textOf } from '../tour/tour';
import type { Feature, Sides } from './sides';
import { data, members, ours, produce } from './sides';

/** Waits for the record of the only dead letter. @returns its id. */
async function deadLetterOf({ tour }: Sides, station: string): Promise<number> {
  const records = async () => (await tour.overview(station)).poison_messages;
  await within15Seconds(async () => (await records()).length === 1, 'the record is there');
  return (await records())[0]?.id ?? 0;
}

async function sendAgain({ tour }: Sides, station: string, id: number): Promise<void> {
  await tour.broker.rest('POST', '/stations/resendPoisonMessages', {
    poison_message_ids: [id],
    station_name: station,
  });
}

const recordIsGone = ({ tour }: Sides, station: string): Promise<void> =>
  eventually(async () => (await tour.deadLetters(station)).poison === 0, 'the record is gone');

/** A dead letter of the group `both`, sent again to us; `die` lets the only message become one. */
const deadLetterToUs = async (
  sides: Sides,
  die: (consumer: string, station: string) => Promise<unknown>,
): Promise<void> => {
  const { tour } = sides;
  const station = await tour.station();
  await tour.produce(await tour.producer(station), 'bad');
  const group = { consumerGroup: 'both', maxAckTimeMs: 300, maxMsgDeliveries: 1 };
  const them = await tour.consumer(station, { consumerName: 'theirs', ...group });
  await die(them, station);
  const id = await deadLetterOf(sides, station);
  // What is sent again goes to one member of the group. The clients stay members when their consumer is destroyed.
  const us = await ours(sides, station, group);
  let copy: Message | undefined;
  await within15Seconds(async () => {
    await sendAgain(sides, station, id);
    copy = (await us.fetch({ batchSize: 1, batchMaxTimeToWaitMs: 200 })).find((each) => each.isDeadLetter());
    return copy !== undefined;
  }, 'it comes to us');
  expect(data(copy)).toBe('bad');
  await copy?.ack();
  await recordIsGone(sides, station);
};

/** Sends the dead letter again, to them alone, and has them acknowledge it. */
const deadLetterToThem = async (
  sides: Sides,
  station: string,
  them: string,
  us: Pick<Consumer, 'destroy'>,
): Promise<void> => {
  const { tour } = sides;
  const id = await deadLetterOf(sides, station);
  // Only they are members then.
  await us.destroy();
  await sendAgain(sides, station, id);
  // They look at what came only when a fetch begins.
  await pause(200);
  const [again] = await tour.fetch(them, 1);
  expect(again === undefined ? '' : textOf(again)).toBe('bad');
  await tour.message(again, 'ack');
  await recordIsGone(sides, station);
};

export const deadLetters: readonly Feature[] = [
  {
    feature: 'a message that the handler calls dead, sent again to the other and acknowledged there',
    async toThem(sides) {
      const { tour } = sides;
      const station = await tour.station();
      const { them, us } = await members(sides, station);
      await produce(sides, station, 'bad');
      const [message] = await us.fetch({ batchSize: 1 });
      await message?.deadLetter('on purpose');
      await deadLetterToThem(sides, station, them, us);
    },
    toUs: {
      except: 'memphis-py',
      because: 'it loses a message that its handler calls dead',
      verify: (sides) =>
        deadLetterToUs(sides, async (them) => {
          const [message] = await sides.tour.fetch(them, 1);
          await sides.tour.message(message, 'deadLetter', 'of theirs');
        }),
    },
  },
  {
    feature: 'a message that nobody acknowledges, sent again to the other and acknowledged there',
    async toThem(sides) {
      const { tour } = sides;
      const station = await tour.station();
      await produce(sides, station, 'bad');
      const group = { consumerGroup: 'both', maxAckTimeMs: 300, maxMsgDeliveries: 1 };
      const us = await ours(sides, station, group);
      const them = await tour.consumer(station, { consumerName: 'theirs', ...group });
      await us.fetch({ batchSize: 1 });
      await pause(400);
      await us.fetch({ batchSize: 1, batchMaxTimeToWaitMs: 100 });
      await deadLetterToThem(sides, station, them, us);
    },
    toUs: (sides) =>
      deadLetterToUs(sides, async (them) => {
        await sides.tour.fetch(them, 1);
        await pause(400);
        // The broker notices at the next poll.
        await sides.tour.fetch(them, 1);
      }),
  },
];
