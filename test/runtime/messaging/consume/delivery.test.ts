import { isLastWaiting, readDelivery } from '../../../../src/runtime/messaging/consume/delivery';

test.each([
  ['the form of servers without domains', '$JS.ACK.my#station$12.group#1.2.345.7.1700000000123456789.0'],
  [
    'the form with domain and account hash',
    '$JS.ACK.hub.hash.my#station$12.group#1.2.345.7.1700000000123456789.0.token',
  ],
])('%s', (_why, subject) => {
  expect(readDelivery(subject)).toEqual({
    stream: 'my#station$12',
    partition: 12,
    sequence: 345,
    deliveries: 2,
    timeSent: new Date(1700000000123),
  });
});

test('a stream without a number is a station without partitions', () => {
  expect(readDelivery('$JS.ACK.plain.g.1.2.3.1700000000000000000.0').partition).toBe(0);
});

test('anything else is an error, not a message with wrong numbers', () => {
  expect(() => readDelivery('$JS.ACK.x')).toThrow('the ack subject is');
});

test.each([
  ['$JS.ACK.s$1.g.1.2.3.1700000000000000000.0', true, 'nothing waited'],
  ['$JS.ACK.s$1.g.1.2.3.1700000000000000000.10', false, 'ten waited, and it ends with a 0'],
  ['$JS.ACK.hub.hash.s$1.g.1.2.3.1700000000000000000.0.token', true, 'the last part is no count'],
  ['$JS.ACK.hub.hash.s$1.g.1.2.3.1700000000000000000.7.0', false, 'the last part is no count'],
])('%s was the last that waited: %s (%s)', (subject, isLast) => {
  expect(isLastWaiting(subject)).toBe(isLast);
});
