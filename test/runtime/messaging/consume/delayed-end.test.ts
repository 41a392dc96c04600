import type { ClientConnection } from '../../../../src/runtime/messaging/connection/client-connection';
import { endLater } from '../../../../src/runtime/messaging/consume/delayed-end';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

function recorded(maxAckTimeMs: number): {
  sent: string[];
  connection: { isClosed: boolean; isConnected: boolean };
} {
  const sent: string[] = [];
  const connection = {
    isClosed: false,
    isConnected: true,
    outbox: { answer: (_subject: string, text: string) => sent.push(text) },
  };
  endLater(connection as unknown as ClientConnection, 'reply', maxAckTimeMs);
  return { sent, connection };
}

test('a message is held for six seconds, often enough for its ack time, and then ended', () => {
  const { sent } = recorded(3_000);
  jest.advanceTimersByTime(5_900);
  expect(sent).toEqual(['+WPI', '+WPI', '+WPI', '+WPI', '+WPI', '+WPI']);
  jest.advanceTimersByTime(10_000);
  expect(sent.slice(6)).toEqual(['+TERM']);
});

test('a long ack time needs no reminder', () => {
  const { sent } = recorded(30_000);
  jest.advanceTimersByTime(10_000);
  expect(sent).toEqual(['+WPI', '+TERM']);
});

test('a connection that is closed meanwhile leaves the message to the next delivery', () => {
  const { sent, connection } = recorded(30_000);
  connection.isClosed = true;
  jest.advanceTimersByTime(10_000);
  expect(sent).toEqual(['+WPI']);
});

test('while there is no connection nothing is sent, and the end comes when it is back', () => {
  const { sent, connection } = recorded(30_000);
  connection.isConnected = false;
  jest.advanceTimersByTime(10_000);
  expect(sent).toEqual(['+WPI']);
  connection.isConnected = true;
  jest.advanceTimersByTime(100);
  expect(sent).toEqual(['+WPI', '+TERM']);
});

test.each([
  [3_600_000, 'put forward: the broker would not have its copy yet'],
  [-3_600_000, 'put back: the message would be held for an hour'],
])('a clock that is put by %d ms changes nothing (%s)', (by) => {
  const { sent } = recorded(30_000);
  jest.setSystemTime(Date.now() + by);
  jest.advanceTimersByTime(5_900);
  expect(sent).not.toContain('+TERM');
  jest.advanceTimersByTime(1_000);
  expect(sent.at(-1)).toBe('+TERM');
});
