import { ValidationError } from '../../../src/model/errors';
import type { HeadersInput } from '../../../src/runtime/messaging';
import { Headers } from '../../../src/runtime/messaging';
import { row } from './row';
import { trafficForThisFile } from './station-traffic';
import { rejection } from '../../support/rejection';

const traffic = trafficForThisFile();
const { broker } = traffic;

/** What a consumer sees of these headers, and what is stored. */
async function roundTrip(headers: HeadersInput): Promise<{ seen: Record<string, string>; stored: string }> {
  const { name } = await traffic.station();
  await traffic.memphis.produce({ stationName: name, producerName: 'p', message: 'm', headers });
  const [message] = await (await traffic.consumer(name)).fetch({ batchSize: 1 });
  return { seen: message?.getHeaders() ?? {}, stored: (await broker.storedMessage(name, 1, 1)).headers };
}

row('HDR-1', async () => {
  const { seen, stored } = await roundTrip({ trace_header: 'track_me_123' });
  expect(stored).toContain('\r\ntrace_header: track_me_123\r\n');
  expect(seen).toEqual({ trace_header: 'track_me_123' });
});

row('HDR-2', async () => {
  expect((await roundTrip({ a: '1', B: '2' })).seen).toEqual({ a: '1', B: '2' });
});

row('HDR-3', async () => {
  expect((await roundTrip(new Headers().add('key', 'value'))).seen).toEqual({ key: 'value' });
  for (const key of ['$memphis_x', '$MEMPHIS_x']) {
    expect(() => new Headers().add(key, 'v')).toThrow('Keys in headers should not start with $memphis');
  }
});

row('HDR-4', async () => {
  const error = await rejection(roundTrip({ $memphis_producedBy: 'somebody' }));
  expect(error).toBeInstanceOf(ValidationError);
  expect(error.message).toContain('Keys in headers should not start with $memphis');
});

row('HDR-5', async () => {
  const [plain, helper] = [Object.freeze({ a: '1' }), new Headers().add('a', '1')];
  for (const headers of [plain, helper]) {
    const { name } = await traffic.station();
    await traffic.memphis.produce({
      stationName: name,
      producerName: 'p',
      message: 'm',
      headers,
      msgId: '1',
    });
  }
  expect(plain).toEqual({ a: '1' });
  expect([...helper.entries()]).toEqual([['a', '1']]);
});

row('HDR-6', async () => {
  const headers = {
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    text: 'grüße 日本 😀: x',
  };
  expect((await roundTrip(headers)).seen).toEqual(headers);
  await expect(roundTrip({ a: 'b\r\nmsg-id: 1' })).rejects.toThrow('holds a line break');
});
