import { DeadLetterQueue } from '../../../../src/runtime/messaging/consume/dead-letter-queue';
import type { Message } from '../../../../src/runtime/messaging';

const letter = (number: number): Message => ({ number }) as unknown as Message;

test('first in, first out; when it is full the oldest goes, and that is counted (SDK defect: it grew without end)', () => {
  const dropped: number[] = [];
  const queue = new DeadLetterQueue((count) => dropped.push(count));
  for (let number = 0; number < 10_002; number += 1) queue.add(letter(number));
  expect(queue.size).toBe(10_000);
  expect(dropped).toEqual([1, 2]);
  expect(queue.take(2)).toEqual([letter(2), letter(3)]);
  expect(queue.size).toBe(9_998);
});
