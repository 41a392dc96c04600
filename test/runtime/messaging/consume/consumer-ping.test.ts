import { NotFoundError } from '../../../../src/model/errors';
import type { ClientConnection } from '../../../../src/runtime/messaging/connection/client-connection';
import { ConsumerPing } from '../../../../src/runtime/messaging/consume/consumer-ping';
import { ErrorListeners } from '../../../../src/runtime/messaging/connection/error-listeners';
import { stationPartitions } from '../../../../src/runtime/messaging/station/partition';

// Thirty seconds are too long for a test that waits, so the time is not the real one here.
const THERE = '{"config":{}}';
const NO_CONSUMER = '{"error":{"err_code":10014}}';

/** A ping over two partitions, of which the broker says these things; what it has asked for and reported. */
function started(replies: Readonly<Record<string, string>>) {
  const asked: string[] = [];
  const errors: Error[] = [];
  const listeners = new ErrorListeners();
  listeners.add((error) => errors.push(error));
  const connection = {
    isConnected: true,
    errors: listeners,
    ready: async () => Promise.resolve(),
    request: async (subject: string) => {
      asked.push(subject);
      const reply = replies[subject];
      if (reply === undefined) throw new Error('no answer');
      return Promise.resolve({ string: () => reply });
    },
  };
  const ping = new ConsumerPing(
    connection as unknown as ClientConnection,
    stationPartitions('st', [1, 2]),
    'g',
  );
  return { ping, asked, errors, connection };
}

const subjects = ['$JS.API.CONSUMER.INFO.st$1.g', '$JS.API.CONSUMER.INFO.st$2.g'] as const;

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test.each<[why: string, replies: Record<string, string>, missing: string | undefined]>([
  ['all there: nothing to say', { [subjects[0]]: THERE, [subjects[1]]: THERE }, undefined],
  ['one of them gone: that one is named', { [subjects[0]]: THERE, [subjects[1]]: NO_CONSUMER }, 'st$2'],
  ['no answer says nothing about the group', { [subjects[0]]: THERE }, undefined],
])('every thirty seconds each partition is asked for the group; %s', async (_why, replies, missing) => {
  const { ping, asked, errors } = started(replies);
  await jest.advanceTimersByTimeAsync(29_900);
  expect(asked).toEqual([]);
  await jest.advanceTimersByTimeAsync(200);
  expect(asked).toEqual(subjects);
  await jest.advanceTimersByTimeAsync(30_000);
  expect(asked).toHaveLength(4);
  ping.stop();
  expect(errors).toHaveLength(missing === undefined ? 0 : 2);
  for (const error of errors) {
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error.message).toContain(`station/consumer were not found: ${missing}`);
  }
  await jest.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveLength(4);
});

test('while the connection is lost nothing is asked; afterwards it goes on', async () => {
  const { ping, asked, connection } = started({ [subjects[0]]: THERE, [subjects[1]]: THERE });
  connection.isConnected = false;
  await jest.advanceTimersByTimeAsync(60_000);
  expect(asked).toEqual([]);
  connection.isConnected = true;
  await jest.advanceTimersByTimeAsync(30_000);
  expect(asked).toHaveLength(2);
  ping.stop();
});
