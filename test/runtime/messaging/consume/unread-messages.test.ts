import { setTimeout as pause } from 'node:timers/promises';
import { UnreadMessages } from '../../../../src/runtime/messaging/consume/unread-messages';

const later = (): number => Date.now() + 10_000;

test('what came first is taken first, and once', () => {
  const unread = new UnreadMessages<string>();
  unread.add(['a', 'b'], later());
  unread.add(['c'], later());
  expect(unread.count).toBe(3);
  expect(unread.take(2)).toEqual(['a', 'b']);
  expect(unread.take(5)).toEqual(['c']);
  expect(unread.take(5)).toEqual([]);
});

test('a message whose time to acknowledge is over is dropped, since the broker delivers it again', () => {
  const unread = new UnreadMessages<string>();
  unread.add(['old'], Date.now() - 1);
  unread.add(['fresh'], later());
  expect(unread.count).toBe(1);
  expect(unread.take(5)).toEqual(['fresh']);
});

test('nothing is left after clear', () => {
  const unread = new UnreadMessages<string>();
  unread.add(['a'], later());
  unread.clear();
  expect(unread.count).toBe(0);
  expect(unread.take(5)).toEqual([]);
});

test.each([
  [-3_600_000, 150, 'put back: it would be kept for an hour too long'],
  [3_600_000, 0, 'put forward, as after a sleep: it may have been delivered again'],
])('a clock that is put by %d ms keeps no message over its time (%s)', async (by, waitMs) => {
  const unread = new UnreadMessages<string>();
  unread.add(['a'], Date.now() + 100);
  const clock = Date.now.bind(Date);
  const put = jest.spyOn(Date, 'now').mockImplementation(() => clock() + by);
  await pause(waitMs);
  expect(unread.take(1)).toEqual([]);
  put.mockRestore();
});
