import { UnreadMessages } from '../../../../src/runtime/messaging/consume/unread-messages';

const later = (): number => Date.now() + 10_000;

test('what was given back first comes first, and only from its partition', () => {
  const unread = new UnreadMessages<string>();
  unread.add(1, ['a', 'b'], later());
  unread.add(2, ['x'], later());
  unread.add(1, ['c'], later());
  expect(unread.take(1, 2)).toEqual(['a', 'b']);
  expect(unread.take(1, 5)).toEqual(['c']);
  expect(unread.take(1, 5)).toEqual([]);
  expect(unread.take(2, 5)).toEqual(['x']);
});

test('a message whose time to acknowledge is over is dropped, since the broker delivers it again', () => {
  const unread = new UnreadMessages<string>();
  unread.add(1, ['old'], Date.now() - 1);
  unread.add(1, ['fresh'], later());
  expect(unread.take(1, 5)).toEqual(['fresh']);
});

test('nothing is left after clear', () => {
  const unread = new UnreadMessages<string>();
  unread.add(1, ['a'], later());
  unread.clear();
  expect(unread.take(1, 5)).toEqual([]);
});
