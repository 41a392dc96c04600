import { headers as natsHeaders } from 'nats';
import type { Msg } from 'nats';
import { Mark } from '../../../src/runtime/smoke/mark';
import { headerLines, headersOfLines } from '../../../src/runtime/messaging/connection/headers';
import type { Memphis } from '../../../src/runtime/messaging';
import { TestBroker } from '../../support/broker';

const broker = TestBroker.forThisFile();
let memphis: Memphis;
beforeAll(async () => {
  memphis = await broker.client();
});

const mark = new Mark('0123abcd');

/** A message as the client receives it. */
async function received(publish: (subject: string) => void, subject: string): Promise<Msg> {
  const coming = new Promise<Msg>((resolve) => {
    broker.observer.subscribe(subject, { max: 1, callback: (_error, message) => resolve(message) });
  });
  await broker.observer.flush();
  publish(subject);
  return coming;
}

async function withHeaders(entries: Readonly<Record<string, string>>): Promise<Msg> {
  const headers = natsHeaders();
  for (const [key, value] of Object.entries(entries)) headers.append(key, value);
  return received((subject) => broker.observer.publish(subject, 'payload', { headers }), 'marks');
}

test.each([
  ['its number', { 'smoke-test': '0123abcd', 'smoke-test-message': '4711' }, 4711],
  ['number 0', { a: 'b', 'smoke-test': '0123abcd', 'smoke-test-message': '0', c: 'd' }, 0],
  ['no number of the traffic', { 'smoke-test': '0123abcd' }, 'other'],
  ['another run', { 'smoke-test': '99999999', 'smoke-test-message': '1' }, undefined],
  ['other headers', { 'other-smoke-test': '0123abcd' }, undefined],
])('a message with %s', async (_what, entries, expected) => {
  expect(mark.of(await withHeaders(entries))).toBe(expected);
});

test('a message without headers is of nobody', async () => {
  const message = await received((subject) => broker.observer.publish(subject, 'x'), 'marks');
  expect(mark.of(message)).toBeUndefined();
});

test('a dispatched message has its headers, is stored, and settles once; a failed one says why', async () => {
  const name = broker.stationName();
  const station = await memphis.station({ name });
  const producer = await memphis.producer({ stationName: name, producerName: 'p' });
  const lines = headerLines({ source: 'a: b' }) + mark.lines(12);
  expect(headersOfLines(lines)).toEqual({
    source: 'a: b',
    'smoke-test': '0123abcd',
    'smoke-test-message': '12',
  });
  const dispatched = async (): Promise<unknown> =>
    new Promise((resolve) =>
      producer.dispatch({ message: 'm', headerLines: lines, msgId: undefined }, resolve),
    );
  const message = await received(() => void dispatched(), `${name}$1.final`);
  expect([mark.of(message), message.headers?.get('source')]).toEqual([12, 'a: b']);
  expect(await dispatched()).toEqual({ station: name, partition: 1, sequence: 2, duplicate: false });
  await broker.jetStream(`STREAM.DELETE.${name}$1`);
  await expect(dispatched()).rejects.toThrow('please check whether Station/Producer still exist');
  await station.destroy();
});
