import { duration } from '../../conformance/seed/station-traffic';
import type { Step } from './step';
import { jsStep, pythonStep, step } from './step';
import { bytes, kept } from './tour';
import { connected, firstData, headers, headersObject, unheard } from './produce-support';

export const producing: readonly Step[] = [
  step('PRD-1, PRD-4, BAS-5', 'bytes of any kind, unchanged', async (tour) => {
    const name = await tour.station();
    const content = new Uint8Array([0, 255, 254, 10, 13]);
    await tour.produce(await tour.producer(name), bytes(content));
    expect([...(await firstData(tour, name))]).toEqual([...content]);
    const [message] = await tour.fetch(await tour.consumer(name), 1);
    expect(message?.bytes).toBe(Buffer.from(content).toString('base64'));
  }),
  step('PRD-2', 'on the connection: one producer for many messages', async (tour) => {
    const name = await tour.station();
    for (let index = 0; index < 3; index += 1) {
      await tour.produce('memphis', 'x', { stationName: name, producerName: 'p' });
    }
    expect(await tour.stored(name)).toBe(3);
    expect(await connected(tour, name)).toEqual(['p']);
  }),
  step('PRD-6, PRD-13', 'an object is sent as JSON', async (tour) => {
    const name = await tour.station();
    await tour.produce(await tour.producer(name), { some: 'message' });
    expect(JSON.parse((await firstData(tour, name)).toString())).toEqual({ some: 'message' });
  }),
  step('PRD-7', 'text is sent as UTF-8', async (tour) => {
    const name = await tour.station();
    await tour.produce(await tour.producer(name), { $value: 'grüße' });
    expect((await firstData(tour, name)).toString()).toBe('grüße');
  }),
  step('PRD-14', 'what cannot be sent is refused, and nothing is sent', async (tour) => {
    const name = await tour.station();
    const producer = await tour.producer(name);
    // The Python client dies on its way to the refusal, since there is no schema.
    for (const message of [7, null]) await expect(tour.produce(producer, message)).rejects.toThrow();
    // A Uint8Array that is no Buffer is refused by the JavaScript client, bytes that are no bytearray by the Python one.
    await expect(tour.produce(producer, { $uint8: 'eA==' })).rejects.toThrow();
    expect(await tour.stored(name)).toBe(0);
  }),
  jsStep(
    'PRD-15, PRD-16',
    'the time for an acknowledgement: this client waits five seconds, whatever is asked for',
    async (tour) => {
      const producer = await unheard(tour);
      const waited = await duration(() =>
        expect(tour.produce(producer, 'x', { ackWaitSec: 1 })).rejects.toThrow(/timeout/i),
      );
      expect(waited).toBeGreaterThan(4_500);
    },
  ),
  pythonStep('PRD-15', 'the time for an acknowledgement', async (tour) => {
    const producer = await unheard(tour);
    const waited = await duration(() =>
      expect(tour.produce(producer, 'x', { ackWaitSec: 1 })).rejects.toThrow(/timeout/i),
    );
    expect(waited).toBeGreaterThan(900);
    expect(waited).toBeLessThan(2_500);
  }),
  pythonStep('PRD-16', 'the time for an acknowledgement, without waiting for it', async (tour) => {
    const name = await tour.station();
    await tour.produce(await tour.producer(name), 'x', { ackWaitSec: 30, nonblocking: true });
    await tour.eventuallyStored(name, 1);
  }),
  step('PRD-17', 'without headers only those of Memphis are sent', async (tour) => {
    const name = await tour.station();
    await tour.produce(await tour.producer(name), 'x');
    const names = (await tour.broker.storedMessage(name, 1, 1)).headers
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(':')[0])
      .filter((each) => each !== '');
    expect(names.sort()).toEqual(['$memphis_connectionId', '$memphis_producedBy']);
  }),
  step('PRD-18', 'the older name for not waiting', async (tour) => {
    const name = await tour.station();
    await tour.sdk.call(await tour.producer(name), 'produce', [{ message: bytes('x'), asyncProduce: true }]);
    await tour.eventuallyStored(name, 1);
  }),
  step('PRD-20', 'a station that is gone', async (tour) => {
    const name = await tour.station();
    const producer = await tour.producer(name);
    await tour.broker.rest('DELETE', '/stations/removeStation', { station_names: [name] });
    await expect(tour.produce(producer, 'x')).rejects.toThrow(
      tour.isPython ? 'no response from stream' : 'Produce operation has failed',
    );
  }),
  step(
    'IDP-1, IDP-2',
    'the second message with an id is not stored, on a producer and on the connection',
    async (tour) => {
      const name = await tour.station();
      const producer = await tour.producer(name);
      for (const msgId of ['42', '42', '123']) await tour.produce(producer, 'x', { msgId });
      const target = { stationName: name, producerName: 'p' };
      await tour.produce('memphis', 'x', { ...target, msgId: '123' });
      expect(await tour.stored(name)).toBe(2);
      expect((await tour.broker.storedMessage(name, 1, 1)).headers).toContain('msg-id: 42');
    },
  ),
  step(
    'IDP-3',
    'an id stays in a headers object that is used again; in a plain object it does not',
    async (tour) => {
      const name = await tour.station();
      const producer = await tour.producer(name);
      const reused = kept(await headersObject(tour, { trace: '1' }));
      await tour.produce(producer, 'x', { msgId: '1', headers: reused });
      // This one has the id of the first by now, so that it is taken for the same.
      await tour.produce(producer, 'y', { headers: reused });
      expect(await tour.stored(name)).toBe(1);
      await tour.produce(producer, 'z', { headers: await headers(tour, { trace: '1' }) });
      expect(await tour.stored(name)).toBe(2);
    },
  ),
  step('HDR-1, HDR-3', 'headers by the helper; those of Memphis are refused', async (tour) => {
    const name = await tour.station();
    const helper = kept(await headersObject(tour, { trace: '1' }));
    await tour.produce(await tour.producer(name), 'x', { headers: helper });
    expect((await tour.broker.storedMessage(name, 1, 1)).headers).toContain('trace: 1');
    await expect(headersObject(tour, { $memphis_x: '1' })).rejects.toThrow(
      'Keys in headers should not start with $memphis',
    );
  }),
  jsStep('HDR-2, HDR-4', 'headers by a plain object; those of Memphis are refused', async (tour) => {
    const name = await tour.station();
    const producer = await tour.producer(name);
    await tour.produce(producer, 'x', { headers: { trace_header: 'track_me_123' } });
    expect((await tour.broker.storedMessage(name, 1, 1)).headers).toContain('trace_header: track_me_123');
    await expect(tour.produce(producer, 'x', { headers: { $memphis_x: '1', y: '2' } })).rejects.toThrow(
      'Keys in headers should not start with $memphis',
    );
  }),
  step('HDR-5', 'a headers object is written into by the client', async (tour) => {
    const name = await tour.station();
    const helper = await headersObject(tour, { trace: '1' });
    await tour.produce(await tour.producer(name), 'x', { headers: kept(helper) });
    const keys = await tour.sdk.call<string[]>('driver', 'keysOf', [kept(helper)]);
    expect([...keys].sort()).toEqual(['$memphis_connectionId', '$memphis_producedBy', 'trace']);
  }),
  step(
    'HDR-6, MSG-9',
    'values of headers pass; the JavaScript client also brings letters beyond ASCII',
    async (tour) => {
      const name = await tour.station();
      // The Python client, too, sends UTF-8, but its library reads headers as ASCII with replacements.
      const value = tour.isPython ? 'a=b; c: "d"' : 'a=b; c: "grüße"';
      await tour.produce(await tour.producer(name), 'x', { headers: await headers(tour, { trace: value }) });
      const [message] = await tour.fetch(await tour.consumer(name), 1);
      if (tour.isPython) {
        // It shows those of Memphis, too.
        expect(message?.headers).toMatchObject({ trace: value, $memphis_producedBy: 'p' });
      } else {
        expect(message?.headers).toEqual({ trace: value });
      }
    },
  ),
  pythonStep('PPK-1', 'one key, one partition', async (tour) => {
    const name = await tour.station({ partitionsNumber: 3 });
    const producer = await tour.producer(name);
    for (const key of ['2nd_partition', '2nd_partition', 'key', '']) {
      await tour.produce(producer, 'x', { producerPartitionKey: key });
    }
    expect(await tour.spread(name, 3)).toEqual([2, 1, 1]);
  }),
  jsStep('PPK-1', 'one key, one partition, though the one before the right one', async (tour) => {
    const name = await tour.station({ partitionsNumber: 3 });
    const producer = await tour.producer(name);
    for (let index = 0; index < 2; index += 1) {
      await tour.produce(producer, 'x', { producerPartitionKey: 'key' });
    }
    expect(await tour.spread(name, 3)).toEqual([2, 0, 0]);
    // Before the first there is none.
    await expect(tour.produce(producer, 'x', { producerPartitionKey: '2nd_partition' })).rejects.toThrow(
      'Produce operation has failed',
    );
  }),
  step('PPK-2', 'a partition by its number', async (tour) => {
    const name = await tour.station({ partitionsNumber: 3 });
    await tour.fill(name, 3, { producerPartitionNumber: 2 });
    expect(await tour.spread(name, 3)).toEqual([0, 3, 0]);
  }),
  step('PPK-3', 'a number that is not there', async (tour) => {
    const name = await tour.station({ partitionsNumber: 3 });
    // The JavaScript client does not wait for its own check, and hears of it from the broker.
    await expect(
      tour.produce(await tour.producer(name), 'x', { producerPartitionNumber: 4 }),
    ).rejects.toThrow(tour.isPython ? 'Partition number is out of range' : 'Produce operation has failed');
    expect(await tour.spread(name, 3)).toEqual([0, 0, 0]);
  }),
  step('PPK-4', 'key and number together are refused', async (tour) => {
    const name = await tour.station({ partitionsNumber: 3 });
    const both = { producerPartitionNumber: 2, producerPartitionKey: 'key' };
    await expect(tour.produce(await tour.producer(name), 'x', both)).rejects.toThrow(
      'Can not use both partition number and partition key',
    );
  }),
];
