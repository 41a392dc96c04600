import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LocalBroker } from '../../../src/runtime/broker';
import { within15Seconds } from '../../conformance/seed/station-traffic';
import { eventually } from '../../support/broker';
import type { Step } from './step';
import { step } from './step';
import type { Options, Tour } from './tour';
import { textsOf } from './tour';

async function config(tour: Tour, station: string): Promise<Options> {
  const stream = await tour.broker.stream(station);
  if (stream === undefined) throw new Error(`${station} has no stream`);
  return stream.config;
}

interface TieredStream {
  readonly tiered_storage_enabled?: boolean;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** One option, what the stream gets by it, and why the case is there. */
const settings: readonly (readonly [rows: string, what: string, options: Options, stream: Options])[] = [
  [
    'RET-1, RET-2',
    'age in seconds, by name',
    { retentionType: 'message_age_sec', retentionValue: 600 },
    { max_age: 600e9 },
  ],
  ['RET-9', 'ten messages', { retentionType: 'messages', retentionValue: 10 }, { max_msgs: 10, max_age: 0 }],
  ['STO-1', 'disk', { storageType: 'file' }, { storage: 'file' }],
  ['STO-3', 'memory', { storageType: 'memory' }, { storage: 'memory' }],
  ['REP-1', 'one replica', { replicas: 1 }, { num_replicas: 1 }],
  [
    'IDW-1, IDW-3',
    'a window of three minutes',
    { idempotencyWindowMs: 180_000 },
    { duplicate_window: 180e9 },
  ],
];

export const stations: readonly Step[] = [
  step('STA-1', 'a station is made, and its handle can end it', async (tour) => {
    const name = await tour.station();
    expect((await tour.row(name)).status).toBe(200);
    expect(await tour.stored(name)).toBe(0);
    await tour.sdk.call(`s:${name}`, 'destroy');
    expect((await tour.row(name)).status).not.toBe(200);
  }),
  step(
    'STA-2',
    'the name may hold dots and capitals; what the broker forbids is refused in its words',
    async (tour) => {
      const name = tour.broker.stationName('My.Station');
      await tour.station({ name });
      const { streams } = (await tour.broker.jetStream('STREAM.NAMES')) as { streams: string[] };
      expect(streams).toContain(`${name.toLowerCase().replace('.', '#')}$1`);
      await expect(tour.station({ name: 'with space' })).rejects.toThrow('Only alphanumeric');
      await expect(tour.station({ name: '-begin' })).rejects.toThrow('non alphanumeric character');
    },
  ),
  step('STA-3, IDW-2', 'defaults only', async (tour) => {
    const name = await tour.station();
    expect(await config(tour, name)).toMatchObject({
      storage: 'file',
      num_replicas: 1,
      max_age: 3600e9,
      duplicate_window: 120e9,
    });
    expect((await tour.row(name)).body).toMatchObject({
      retention_type: 'message_age_sec',
      retention_value: 3600,
      storage_type: 'disk',
      replicas: 1,
      idempotency_window_in_ms: 120_000,
      partitions_number: 1,
      tiered_storage_enabled: false,
    });
    expect(await tour.overview(name)).toMatchObject({
      dls_configuration_poison: true,
      dls_configuration_schemaverse: true,
    });
  }),
  step('STA-4', 'an existing station stays as it is, and a handle comes back', async (tour) => {
    const name = await tour.station();
    await tour.station({ name, retentionType: 'messages', retentionValue: 5 });
    expect(await config(tour, name)).toMatchObject({ max_msgs: -1, max_age: 3600e9 });
  }),
  step('STA-5, STA-6', 'producers and consumers make the station they name', async (tour) => {
    const [one, two] = [tour.broker.stationName('auto'), tour.broker.stationName('auto')];
    await tour.producer(one);
    await tour.consumer(two);
    for (const name of [one, two]) expect(await config(tour, name)).toMatchObject({ max_age: 3600e9 });
  }),
  step(
    'STA-7',
    'a station made by REST is used like any other; one removed by REST is noticed',
    async (tour) => {
      const name = tour.broker.stationName();
      const { status } = await tour.broker.rest('POST', '/stations/createStation', {
        name,
        retention_type: 'message_age_sec',
        retention_value: 3600,
        storage_type: 'memory',
        replicas: 1,
        partitions_number: 1,
        dls_configuration: { poison: true, schemaverse: true },
      });
      expect(status).toBe(200);
      const producer = await tour.producer(name);
      await tour.produce(producer, 'x');
      expect(textsOf(await tour.fetch(await tour.consumer(name), 1))).toEqual(['x']);
      await tour.broker.rest('DELETE', '/stations/removeStation', { station_names: [name] });
      // The Python client looks for a status that the errors of its NATS library no longer have.
      await expect(tour.produce(producer, 'y')).rejects.toThrow(
        tour.isPython
          ? 'no response from stream'
          : 'Produce operation has failed, please check whether Station/Producer still exist',
      );
    },
  ),
  step(
    'STA-9',
    'a failure of the broker is an error, but an unknown schema is not: nothing is made then',
    async (tour) => {
      await expect(tour.station({ name: 'x'.repeat(129) })).rejects.toThrow('should be under 128');
      const name = await tour.station({ schemaName: tour.unique('no-such-schema') });
      expect(await tour.broker.stream(name)).toBeUndefined();
    },
  ),

  ...settings.map(([rows, what, options, expected]) =>
    step(rows, `${what}: ${JSON.stringify(options)}`, async (tour) => {
      expect(await config(tour, await tour.station(options))).toMatchObject(expected);
    }),
  ),
  step('RET-3, RET-10', 'by age: messages go after that many seconds', async (tour) => {
    const age = { retentionType: 'message_age_sec', retentionValue: 1, idempotencyWindowMs: 500 };
    const name = await tour.station(age);
    await tour.fill(name, 2);
    await tour.eventuallyStored(name, 0);
  }),
  step('RET-4, STA-8', 'by number: the oldest go, without the client doing anything', async (tour) => {
    const name = await tour.station({ retentionType: 'messages', retentionValue: 3 });
    await tour.fill(name, 8);
    expect(textsOf(await tour.fetch(await tour.consumer(name), 3))).toEqual(['6', '7', '8']);
  }),
  step('RET-5', 'by size: the oldest go', async (tour) => {
    const name = await tour.station({ retentionType: 'bytes', retentionValue: 1_000 });
    const producer = await tour.producer(name);
    for (let index = 0; index < 5; index += 1) await tour.produce(producer, 'x'.repeat(300));
    expect(await config(tour, name)).toMatchObject({ max_bytes: 1_000 });
    expect(await tour.stored(name)).toBeLessThan(4);
  }),
  step(
    'RET-6, RET-7',
    'by acknowledgement: gone when the only group has it; the value means nothing',
    async (tour) => {
      const name = await tour.station({ retentionType: 'ack_based', retentionValue: 1 });
      expect(await config(tour, name)).toMatchObject({ retention: 'interest', max_msgs: -1 });
      const consumer = await tour.consumer(name);
      await tour.fill(name, 2);
      expect(await tour.stored(name)).toBe(2);
      for (const message of await tour.fetch(consumer, 2)) await tour.message(message, 'ack');
      await tour.eventuallyStored(name, 0);
    },
  ),
  step('RET-8', 'a value that is no whole number is refused, by the broker', async (tour) => {
    const name = tour.unique('half');
    const half = { name, retentionType: 'messages', retentionValue: 1.5 };
    await expect(tour.station(half)).rejects.toThrow('cannot unmarshal number');
    expect(await tour.broker.stream(name)).toBeUndefined();
  }),
  step(
    'STO-2, CON-13',
    'messages on disk outlive a restart of the broker, and the client comes back',
    async (tour) => {
      const store = await mkdtemp(path.join(tmpdir(), 'sdk-tour-store-'));
      tour.cleanUp(() => rm(store, { recursive: true, force: true }));
      let broker = await LocalBroker.start({ store, log: () => undefined });
      tour.cleanUp(() => broker.stop());
      const { port, restPort } = broker;
      const client = await tour.connect({ port, reconnectIntervalMs: 50 });
      const name = await tour.station({}, client);
      await tour.produce(await tour.producer(name, {}, client), 'before');
      await broker.stop();
      broker = await LocalBroker.start({ store, port, restPort, log: () => undefined });
      let read: string[] = [];
      await within15Seconds(async () => {
        const on = await tour
          .consumer(name, { consumerName: tour.unique('c') }, client)
          .catch(() => undefined);
        if (on !== undefined) read = textsOf(await tour.fetch(on, 1).catch(() => []));
        return read.length > 0;
      }, 'it reads again');
      expect(read).toEqual(['before']);
      await tour.sdk.call(client, 'close');
    },
  ),
  step('REP-2', 'more replicas than there are servers are refused', async (tour) => {
    await expect(tour.station({ replicas: 3 })).rejects.toThrow(
      'replicas count is larger than the cluster size',
    );
  }),
  step('IDW-4', 'an id counts inside the window, and not after it', async (tour) => {
    const name = await tour.station({ idempotencyWindowMs: 500 });
    const producer = await tour.producer(name);
    for (let index = 0; index < 2; index += 1) await tour.produce(producer, 'x', { msgId: '1' });
    expect(await tour.stored(name)).toBe(1);
    await eventually(async () => {
      await pause(700);
      await tour.produce(producer, 'x', { msgId: '1' });
      return (await tour.stored(name)) === 2;
    }, 'the id is forgotten');
  }),

  step('DLS-5', 'no dead-letter station by default', async (tour) => {
    expect((await tour.row(await tour.station())).body.dls_station).toBe('');
  }),
  step('TIER-1, TIER-2', 'tiered storage is off, or on when asked for', async (tour) => {
    for (const tieredStorageEnabled of [false, true]) {
      const name = await tour.station({ tieredStorageEnabled });
      // A real broker keeps the flag in a field of its own, the local one in the metadata of the stream.
      const { metadata, tiered_storage_enabled: field } = (await config(tour, name)) as TieredStream;
      expect(field ?? metadata?.['memphis.tiered'] === 'true').toBe(tieredStorageEnabled);
    }
  }),

  step('PAR-1, PAR-2', 'one partition, or as many as asked for', async (tour) => {
    expect(await tour.spread(await tour.station(), 2)).toEqual([0, -1]);
    expect(await tour.spread(await tour.station({ partitionsNumber: 3 }), 4)).toEqual([0, 0, 0, -1]);
  }),
  step('PAR-3, PPK-5', 'without key and number the partitions take turns', async (tour) => {
    const name = await tour.station({ partitionsNumber: 3 });
    await tour.fill(name, 9);
    expect(await tour.spread(name, 3)).toEqual([3, 3, 3]);
  }),

  step('DST-1', 'destroy: streams, producers and consumers go; a second time is no error', async (tour) => {
    const name = await tour.station({ partitionsNumber: 2 });
    await tour.producer(name);
    await tour.consumer(name);
    await tour.sdk.call(`s:${name}`, 'destroy');
    expect(await tour.spread(name, 2)).toEqual([-1, -1]);
    expect((await tour.row(name)).status).not.toBe(200);
    await tour.sdk.call(`s:${name}`, 'destroy');
  }),
  step(
    'DST-2',
    'what the client keeps goes with its station; the Python one forgets longer names, too',
    async (tour) => {
      const name = tour.broker.stationName('st');
      const longer = `${name}bar`;
      await tour.station({ name });
      await tour.station({ name: longer });
      const before = [await tour.producer(name), await tour.producer(longer)];
      await tour.sdk.call(`s:${name}`, 'destroy');
      const after = [await tour.producer(name), await tour.producer(longer)];
      const same = await Promise.all(
        [0, 1].map((index) =>
          tour.sdk.call('driver', 'isSame', [{ $kept: before[index] }, { $kept: after[index] }]),
        ),
      );
      expect(same).toEqual([false, !tour.isPython]);
    },
  ),
];
