import fc from 'fast-check';
import type { Awaiting } from '../../../../src/runtime/messaging/produce/awaited-acks';
import { AwaitedAcks } from '../../../../src/runtime/messaging/produce/awaited-acks';
import { many } from '../../../support/random';

/** More than the ring holds, so that some are overtaken by it. */
const MANY = 20_000;

test('finds each message once by its number, whatever the order of the acks and however many are under way', () => {
  // Blocks of messages, and after each how many of those under way are acknowledged, oldest or newest first.
  const steps = fc.array(
    fc.record({
      sent: fc.oneof(fc.nat(50), fc.nat(MANY)),
      acked: fc.double({ min: 0, max: 1, noNaN: true }),
      newestFirst: fc.boolean(),
    }),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(steps, (all) => {
      const awaited = new AwaitedAcks<Awaiting>();
      let expected: Awaiting[] = [];
      for (const { sent, acked, newestFirst } of all) {
        for (let count = 0; count < sent; count += 1) {
          const awaiting = { id: 0 };
          if (awaited.add(awaiting) !== awaiting.id) return false;
          expected.push(awaiting);
        }
        const takes = Math.floor(expected.length * acked);
        const taken = newestFirst
          ? expected.slice(expected.length - takes).reverse()
          : expected.slice(0, takes);
        if (taken.some((awaiting) => awaited.take(awaiting.id) !== awaiting)) return false;
        if (taken.some((awaiting) => awaited.take(awaiting.id) !== undefined)) return false;
        expected = newestFirst ? expected.slice(0, expected.length - takes) : expected.slice(takes);
      }
      const left = awaited.all();
      return left.length === expected.length && left.every((awaiting, index) => awaiting === expected[index]);
    }),
    { numRuns: many(20) },
  );
});

test.each([
  [0, 'numbers begin at 1'],
  [2, 'it was never given'],
  [8_193, 'it falls on the slot of another'],
  [Number.NaN, 'the subject ends in no number'],
  [-1, 'the subject is forged'],
  [1.5, 'the subject is forged'],
])('knows nothing of %p: %s', (id) => {
  const awaited = new AwaitedAcks<Awaiting>();
  awaited.add({ id: 0 });
  expect(awaited.take(id)).toBeUndefined();
  expect(awaited.all()).toHaveLength(1);
});
