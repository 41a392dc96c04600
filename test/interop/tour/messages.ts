import { duration } from '../../conformance/seed/station-traffic';
import type { Step } from './step';
import { step } from './step';
import { textsOf } from './tour';

export const messages: readonly Step[] = [
  step(
    'MSG-6',
    'put off: again after the time, which is seconds in Python and milliseconds in JavaScript',
    async (tour) => {
      const name = await tour.station();
      await tour.fill(name, 1);
      const consumer = await tour.consumer(name);
      const [message] = await tour.fetch(consumer, 1);
      const waited = await duration(async () => {
        await tour.message(message, 'delay', tour.isPython ? 0.7 : 700);
        expect(textsOf(await tour.fetch(consumer, 1))).toEqual(['1']);
      });
      expect(waited).toBeGreaterThan(690);
    },
  ),
  step('MSG-7', 'what is put off counts as delivered', async (tour) => {
    const name = await tour.station();
    await tour.fill(name, 1);
    const consumer = await tour.consumer(name, { maxMsgDeliveries: 2 });
    for (let delivery = 1; delivery <= 2; delivery += 1) {
      const [message] = await tour.fetch(consumer, 1);
      await tour.message(message, 'delay', tour.isPython ? 0.1 : 100);
    }
    expect(await tour.fetch(consumer, 1)).toEqual([]);
  }),
  step('MSG-11', 'refused: again at once', async (tour) => {
    const name = await tour.station();
    await tour.fill(name, 1);
    const consumer = await tour.consumer(name);
    const [message] = await tour.fetch(consumer, 1);
    await tour.message(message, 'nack');
    const waited = await duration(async () => expect(textsOf(await tour.fetch(consumer, 1))).toEqual(['1']));
    // Without the refusal it would come after 30 s.
    expect(waited).toBeLessThan(5_000);
  }),
  step('MSG-13', 'when it was sent; the Python client never knows', async (tour) => {
    const name = await tour.station();
    const before = Date.now();
    await tour.fill(name, 1);
    const [message] = await tour.fetch(await tour.consumer(name), 1);
    const sent = await tour.message<{ readonly $date: number } | null>(message, 'getTimeSent');
    if (tour.isPython) expect(sent).toBeNull();
    else expect(Math.abs((sent?.$date ?? 0) - before)).toBeLessThan(2_000);
  }),
];
