import { readFileSync } from 'node:fs';
import path from 'node:path';

import { GoldenBroker, type JsonObject } from './golden-broker';

interface StationCase {
  readonly id: string;
  readonly via: string;
  readonly request: JsonObject | null;
  readonly streams: readonly string[];
  readonly configs?: Readonly<Record<string, JsonObject>>;
  /** Instead of `configs`, when all partitions are alike. */
  readonly config_of_first?: JsonObject;
}

interface ConsumerCase {
  readonly id: string;
  readonly request: JsonObject;
  readonly consumers: Readonly<Record<string, JsonObject>>;
}

const recordings = JSON.parse(readFileSync(path.join(__dirname, 'streams.json'), 'utf8')) as {
  readonly stations: readonly StationCase[];
  readonly consumers: readonly ConsumerCase[];
};
// foreign_streams: a stock server does not tell the broker of them. internal_streams: the real broker's own work queues;
// this one keeps its metadata in a bucket and has no such streams yet.

let golden: GoldenBroker;
beforeAll(async () => {
  golden = await GoldenBroker.start();
});
afterAll(() => golden.stop());

/** A fork-only key of the real broker; on a stock server it lives in the metadata of the stream. */
function asOnStockServer(config: JsonObject | undefined): JsonObject {
  const { tiered_storage_enabled: tiered, ...rest } = config ?? {};
  return tiered === true ? { ...rest, metadata: { 'memphis.tiered': 'true' } } : rest;
}

describe('the streams of a station', () => {
  test.each(recordings.stations.map((recorded) => [recorded.id, recorded] as const))('%s', async (_id, recorded) => {
    const { via, request, streams } = recorded;
    if (via === 'rest') {
      const { username: _ignored, ...body } = request ?? {};
      expect(await golden.rest('POST', '/stations/createStation', body)).toMatchObject({ status: 200 });
    } else if (via === 'nats') {
      await golden.createStation(request ?? {});
    } else if (via.startsWith('$')) {
      await golden.manage(via, JSON.stringify(request));
    }
    for (const [index, stream] of streams.entries()) {
      const expected = recorded.configs?.[stream] ?? {
        ...recorded.config_of_first,
        name: stream,
        subjects: [`${stream}.>`],
      };
      const info = await golden.jetstream(`STREAM.INFO.${stream}`);
      expect({ index, config: info.config }).toEqual({ index, config: asOnStockServer(expected) });
    }
    const name = streams[0]?.replace(/\$\d+$/, '').replaceAll('#', '.') ?? '';
    if (via !== 'broker start') await golden.destroyStation(name);
    expect((await golden.streams()).filter((stream) => streams.includes(stream))).toEqual(
      via === 'broker start' ? streams : [],
    );
  });
});

describe('the durables of a consumer group', () => {
  beforeAll(async () => {
    for (const [name, partitions] of [['g.cons', 1], ['g-cons3', 3]] as const) {
      await golden.createStation({ name, partitions_number: partitions });
      await golden.publish(`${name.replaceAll('.', '#')}$1`, 5);
    }
  });

  test.each(recordings.consumers.map((recorded) => [recorded.id, recorded] as const))('%s', async (_id, recorded) => {
    const request = JSON.stringify(recorded.request).replaceAll('<connection-id>', golden.connectionId);
    const [reply = ''] = await golden.manage('$memphis_consumer_creations', request);
    expect(JSON.parse(reply)).toMatchObject({ error: '' });
    for (const [place, expected] of Object.entries(recorded.consumers)) {
      const at = place.indexOf('.');
      const info = await golden.jetstream(`CONSUMER.INFO.${place.slice(0, at)}.${place.slice(at + 1)}`);
      const { config, num_pending, stream_name, name, error } = info;
      expect(error === undefined ? { stream_name, name, config, num_pending } : { error }).toEqual(expected);
    }
  });
});
