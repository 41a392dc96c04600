import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { NatsConnection, NatsError } from 'nats';

import { asOnStockServer, GoldenBroker, type JsonObject, textOf } from './golden-broker';

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

interface ForeignCase {
  readonly id: string;
  readonly request: JsonObject;
  readonly response: JsonObject;
  readonly station_rows: readonly JsonObject[];
  readonly stream_exists_as: readonly string[];
  readonly delete?: { readonly response: JsonObject; readonly station_rows_left: number };
}

const recordings = JSON.parse(readFileSync(path.join(__dirname, 'streams.json'), 'utf8')) as {
  readonly stations: readonly StationCase[];
  readonly consumers: readonly ConsumerCase[];
  readonly foreign_streams: readonly ForeignCase[];
};
// Left out are internal_streams, the real broker's own work queues: this one keeps what they hold in a bucket of its own, and
// no client has any use for them.

let golden: GoldenBroker;
beforeAll(async () => {
  golden = await GoldenBroker.start();
});
afterAll(() => golden.stop());

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

describe('streams that clients of plain NATS make', () => {
  let foreign: NatsConnection;
  beforeAll(async () => {
    foreign = await golden.connect();
  });
  afterAll(() => foreign.close());

  async function asked(operation: string, request?: JsonObject): Promise<JsonObject> {
    const payload = request === undefined ? '' : JSON.stringify(request);
    try {
      return (await foreign.request(`$JS.API.${operation}`, payload, { timeout: operation.endsWith('g.f9') ? 500 : 5_000 })).json<JsonObject>();
    } catch (error) {
      if ((error as NatsError).code === 'TIMEOUT') return { error: 'no reply' };
      throw error;
    }
  }

  test.each(recordings.foreign_streams.map((recorded) => [recorded.id, recorded] as const))('%s', async (_id, recorded) => {
    const { request, response } = recorded;
    const name = textOf(request.name);
    const { config, error } = await asked(`STREAM.CREATE.${name}`, request);
    const expected = 'config' in response ? { config: asOnStockServer(response.config as JsonObject) } : response;
    expect(config === undefined ? { error } : { config }).toEqual(expected);
    const rows = (await golden.stations()).get(name.toLowerCase());
    const [recordedRow] = recorded.station_rows;
    const keys = Object.keys(recordedRow ?? {});
    expect(rows === undefined ? [] : [Object.fromEntries(keys.map((key) => [key, rows[key]]))]).toEqual(recorded.station_rows);
    expect((await golden.allStreams()).filter((stream) => stream === name)).toEqual(recorded.stream_exists_as);
    if (recorded.delete === undefined) return;
    const { type: _type, ...deleted } = await asked(`STREAM.DELETE.${name}`);
    expect(deleted).toEqual(recorded.delete.response);
    const left = [...(await golden.stations()).keys()].filter((station) => station === name.toLowerCase());
    expect(left).toHaveLength(recorded.delete.station_rows_left);
  });
});
