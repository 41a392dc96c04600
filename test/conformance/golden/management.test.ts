import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { NatsConnection } from 'nats';

import { firstMessageName } from '../../../src/schema';
import { asOnStockServer, GoldenBroker, type Json, type JsonObject, textOf } from './golden-broker';
import { eventually } from '../../support/broker';

/** One exchange of sdk-management.json. */
interface ManagementCase {
  readonly id: string;
  readonly subject: string;
  readonly request: Json;
  readonly request_headers?: Readonly<Record<string, string>>;
  readonly response: string;
  readonly further_replies?: readonly string[];
  readonly created?: { readonly stations: readonly JsonObject[]; readonly streams?: readonly Json[] };
  readonly removed_stations?: readonly string[];
  readonly effect?: Json;
  readonly note: string;
}

const cases = JSON.parse(readFileSync(path.join(__dirname, 'sdk-management.json'), 'utf8')) as ManagementCase[];

/** What a parser of the broker's says of a mistake in a schema is ours to word from some point on; until there it is equal. */
const wordedByUs = new Map([
  ['schema.create.protobuf.import', '{"error":"your Proto file is invalid: '],
]);

let golden: GoldenBroker;
beforeAll(async () => {
  golden = await GoldenBroker.start();
});
afterAll(() => golden.stop());

describe('sdk-management.json, replayed in file order on one broker', () => {
  for (const recorded of cases) {
    test(recorded.id, () => replay(recorded));
  }
});

async function replay(recorded: ManagementCase): Promise<void> {
  await prepare(recorded.id);
  if (!recorded.subject.startsWith('$')) return replayRead(recorded);
  const stationsBefore = await golden.stations();
  const streamsBefore = await golden.streams();
  const further = recorded.further_replies ?? [];

  const replies = await sentFrom(recorded.note, (connection) =>
    golden.manage(recorded.subject, payloadOf(recorded.request), 1 + further.length, recorded.request_headers, connection),
  );
  const shared = wordedByUs.get(recorded.id);
  if (recorded.subject.startsWith('$JS.API.')) {
    const { config } = JSON.parse(replies[0] ?? '') as JsonObject;
    expect({ config }).toEqual({ config: asOnStockServer((JSON.parse(recorded.response) as { config: JsonObject }).config) });
  } else if (shared === undefined) expect(replies).toEqual([recorded.response, ...further]);
  else {
    expect(recorded.response).toContain(shared);
    expect(replies).toEqual([expect.stringContaining(shared)]);
  }

  if (recorded.created !== undefined) {
    const { stations } = recorded.created;
    // A stream of another client has no partitions, and was not written down.
    const { streams = [(recorded.request as JsonObject).name] } = recorded.created;
    const stationsAfter = await golden.stations();
    const madeNow = [...stationsAfter].filter(([name]) => !stationsBefore.has(name));
    const rows = madeNow.map(([name, row]) => sameKeys(row, stations.find((station) => station.name === name)));
    expect(new Set(rows)).toEqual(new Set(stations));
    const before = new Set(streamsBefore);
    const streamsMade = (await golden.streams()).filter((name) => !before.has(name));
    expect(streamsMade).toEqual(streams);
    if (recorded.id.startsWith('station.create.') && !keepsItsStation.has(recorded.id)) {
      for (const [name] of madeNow) await golden.destroyStation(name);
      const left = new Set(await golden.streams());
      for (const name of streamsMade) if (left.has(name)) await golden.deleteStream(name);
    }
  }
  if (recorded.removed_stations !== undefined) {
    const stationsAfter = await golden.stations();
    const removed = [...stationsBefore.keys()].filter((name) => !stationsAfter.has(name));
    expect(removed).toEqual(recorded.removed_stations);
  }
  if (recorded.effect !== undefined) await expectEffect(recorded, recorded.effect);
}

/** Sends from the connection that the recording side had there. */
async function sentFrom(note: string, send: (connection: NatsConnection) => Promise<string[]>): Promise<string[]> {
  const name = note.includes('has no ::') ? 'another client' : /named "(\w+)"/.exec(note)?.[1];
  if (name === undefined && !note.includes('without a CONNECT name')) return send(golden.nats);
  const connection = await golden.connect(name);
  try {
    return await send(connection);
  } finally {
    await connection.close();
  }
}

const keepsItsStation = new Set(['station.create.dup.first', 'station.create.dup.setup']);

function payloadOf(request: Json): string {
  const text = typeof request === 'string' ? request : JSON.stringify(request);
  return text.replaceAll('<connection-id>', golden.connectionId);
}

/** Records that are reads between the requests. */
async function replayRead(recorded: ManagementCase): Promise<void> {
  if (recorded.id === 'station.create.dup.state-after') {
    const row = (await golden.stations()).get('g-st');
    const expected = JSON.parse(recorded.response) as JsonObject;
    expect(sameKeys(row, expected)).toEqual(expected);
  } else if (recorded.id === 'schema.create.protobuf.descriptors') {
    const details = (await golden.restJson('GET', '/schemas/getSchemaDetails', undefined, {
      schema_name: 'g-sch',
    })) as { versions: JsonObject[] };
    const expected = JSON.parse(recorded.response) as JsonObject[];
    expect(details.versions.map((version, index) => sameKeys(version, expected[index]))).toEqual(expected);
  } else {
    expect(recorded.id).toBe('schema.remove.uppercase-name');
    const reply = await golden.rest('DELETE', '/schemas/removeSchema', recorded.request);
    expect(reply.text).toBe(recorded.response);
    await expectEffect(recorded, recorded.effect ?? null);
  }
}

/** Only the keys that were recorded, in their order. */
function sameKeys(actual: JsonObject | undefined, recorded: JsonObject | undefined): JsonObject {
  const kept = Object.entries(actual ?? {}).filter(([key]) => recorded === undefined || key in recorded);
  return Object.fromEntries(kept);
}

async function expectEffect(recorded: ManagementCase, effect: Json): Promise<void> {
  const request = (typeof recorded.request === 'string' ? {} : recorded.request) as JsonObject;
  const station = textOf(request.station_name ?? 'g-st').toLowerCase();
  if (recorded.subject.includes('consumer')) {
    const partitions = (await golden.stations()).get(station)?.partitions_list as number[];
    const { consumers } = effect as { consumers?: Json[] };
    const names = consumers?.flatMap((consumer) =>
      typeof consumer === 'string' ? [] : [textOf((consumer as JsonObject).durable_name)],
    );
    const group = textOf(request.consumers_group ?? request.name).toLowerCase();
    const durable = names?.[0] ?? group.replaceAll('.', '#');
    const found: Json[] = [];
    const internal = station.replaceAll('.', '#');
    for (const stream of partitions.length === 0 ? [internal] : partitions.map((partition) => `${internal}$${partition}`)) {
      const info = await golden.jetstream(`CONSUMER.INFO.${stream}.${durable}`);
      found.push((info.config ?? (info.error as JsonObject).description) as Json);
    }
    const expected = consumers ?? [effect];
    expect(
      found.map((config, index) =>
        typeof config === 'string' ? config : sameKeys(config as JsonObject, expected[index] as JsonObject),
      ),
    ).toEqual(expected);
  } else if (recorded.subject.includes('producer')) {
    const left = (effect as JsonObject).rows_left_in_overview;
    if (!Array.isArray(effect) && left === undefined && !('connected_producers' in (effect as JsonObject))) return expectRow(station, effect);
    const overview = (await golden.restJson('GET', '/monitoring/getStationOverviewData', undefined, {
      station_name: station,
      partition_number: -1,
    })) as { connected_producers: JsonObject[] };
    const shown = overview.connected_producers.filter((row) => row.name === request.name);
    if (left !== undefined) {
      expect(shown).toHaveLength(left as number);
      return;
    }
    const expected = (Array.isArray(effect) ? effect : (effect as JsonObject).connected_producers) as JsonObject[];
    expect(shown.map((row) => sameKeys(row, expected[0]))).toEqual(expected);
  } else if (recorded.subject.includes('schema_attachments') || recorded.subject.includes('schema_detachments')) {
    await expectRow(station, effect);
  } else if (effect !== null && typeof effect === 'object' && 'getAllSchemas' in effect) {
    const schemas = (await golden.restJson('GET', '/schemas/getAllSchemas')) as JsonObject[];
    // This one the recording side took out of the database by hand.
    const names = schemas.map((schema) => schema.name).filter((name) => name !== 'G-SCH-Upper');
    expect(names).toEqual(effect.getAllSchemas);
  } else {
    await expectSchema(request.name === 5 ? 'x' : textOf(request.name ?? 'g-sch'), effect);
  }
}

async function expectRow(station: string, effect: Json): Promise<void> {
  const row = (await golden.stations()).get(station) ?? {};
  const { schema_name: name, schema_vesrion_number: number } = row;
  expect({ ...(name === undefined ? {} : { schema_name: name }), ...(number === undefined ? {} : { schema_vesrion_number: number }) }).toEqual(effect);
}

async function expectSchema(name: string, effect: Json): Promise<void> {
  const reply = await golden.rest('GET', '/schemas/getSchemaDetails', undefined, { query: { schema_name: name } });
  if (typeof effect === 'string') {
    expect(reply.text).toBe(effect);
    return;
  }
  const expected = effect as { type: string; versions: JsonObject[]; tags: Json };
  const details = JSON.parse(reply.text) as { type: string; versions: JsonObject[]; tags: Json };
  const versions = details.versions.map((version, index) => {
    const shown = sameKeys(version, expected.versions[index]);
    const descriptor = textOf(version.descriptor);
    return textOf(expected.versions[index]?.descriptor).startsWith('<base64')
      ? { ...shown, descriptor: `<base64 ${descriptor.length} characters>` }
      : shown;
  });
  expect({ type: details.type, versions, tags: details.tags }).toEqual(expected);
}

const keptSchema = /(same-content|other-content|first-content-again|whitespace-differs|other-type(-bad-content)?)$/;

/** What the recording side did between the requests. */
async function prepare(id: string): Promise<void> {
  if (id.startsWith('schema.create.') && !keptSchema.test(id) && !/descriptors|uppercase-name-kept/.test(id)) {
    await golden.rest('DELETE', '/schemas/removeSchema', {
      schema_names: ['g-sch', 'g sch', 'g/sch', '.gsch', '', 'n'.repeat(200), 'n'.repeat(1000)],
    });
  }
  await preparations[id]?.();
}

const orphan = { subjects: ['g-or$1.>'], max_age: 3_600_000_000_000, duplicate_window: 120_000_000_000, storage: 'file' };

async function schema(name: string, type: string, content: string): Promise<void> {
  const request = { name, type, created_by_username: 'root', schema_content: content };
  expect(await golden.manage('$memphis_schema_creations', JSON.stringify(request))).toEqual(['{"error":""}']);
}

async function attach(name: string): Promise<void> {
  const request = { name, station_name: 'g.st', username: 'root' };
  expect(await golden.manage('$memphis_schema_attachments', JSON.stringify(request))).toEqual(['']);
}

const protobuf = 'syntax = "proto3";\npackage a.b;\nmessage First { int32 id = 1; }\nmessage Second { string s = 1; }\n';
const avro = '{"type":"record","name":"R","namespace":"a.b","fields":[{"name":"a","type":"int"}]}';
const fullStation = { partitions_number: 1, dls_configuration: { poison: true, schemaverse: true } };

const withoutConnection = { name: 'pz', station_name: 'g-st', connection_id: '', producer_type: 'application', req_version: 4, username: 'root' };

const preparations: Readonly<Record<string, () => Promise<unknown>>> = {
  'producer.destroy.no-req_version.no-name': () => golden.manage('$memphis_producer_creations', JSON.stringify(withoutConnection)),
  'consumer.create.non-native.with-schema.req_version-1': async () => {
    const connection = await golden.connect();
    await connection.request('$JS.API.STREAM.CREATE.g-foreign', '{"name":"g-foreign","subjects":["g-foreign.>"],"storage":"file","retention":"limits","max_msgs":50}');
    await connection.close();
    const request = { name: 'demo-schema', station_name: 'g-foreign', username: 'root' };
    expect(await golden.manage('$memphis_schema_attachments', JSON.stringify(request))).toEqual(['']);
  },
  'station.create.orphan.same-config': () => golden.jetstream('STREAM.CREATE.g-or$1', { name: 'g-or$1', ...orphan }),
  'station.create.orphan.other-config': async () => {
    const config = { name: 'g-or$1', ...orphan, max_age: 7_200_000_000_000 };
    await golden.jetstream('STREAM.CREATE.g-or$1', config);
  },
  'station.create.orphan.subject-overlap': async () => {
    await golden.deleteStream('g-or$1');
    await golden.jetstream('STREAM.CREATE.other', { name: 'other', subjects: ['g-or$1.final'], storage: 'file' });
  },
  'station.destroy.missing': () => golden.deleteStream('other'),
  'setup.destroy.streams-gone': () => golden.destroyStation('g-st'),
  'station.destroy.one-stream-missing': () => golden.deleteStream('g-st$1'),
  'station.create.dup.stream-missing': () => golden.deleteStream('g-st$1'),
  'station.create.schema.known': () => golden.destroyStation('g-dls'),
  'producer.create.station-missing.req_version.4': () => golden.destroyStation('g.auto'),
  'consumer.create.station-missing.req_version.missing': () => golden.destroyStation('g.auto'),
  'consumer.create.station-missing.req_version.4': () => golden.destroyStation('g.auto'),
  'consumer.create.p3.last-0': async () => {
    await golden.publish('g-st$1', 10);
    await golden.publish('g-st$2', 4);
  },
  'consumer.create.p1.default': () => golden.publish('g#s1$1', 10),
  'consumer.create.p1.group-row-but-durable-deleted': () => golden.jetstream('CONSUMER.DELETE.g#s1$1.d'),
  'consumer.create.p1.inactive-group.other-start': async () => {
    const id = 'a-connection-that-leaves';
    const leaving = await golden.connect(`${id}::root`);
    const request = {
      name: 'inact', station_name: 'g.s1', connection_id: id, consumer_type: 'application', consumers_group: 'inact',
      max_ack_time_ms: 30_000, max_msg_deliveries: 2, username: 'root', start_consume_from_sequence: 1, last_messages: -1, req_version: 4,
    };
    await golden.manage('$memphis_consumer_creations', JSON.stringify(request), 1, {}, leaving);
    await leaving.close();
    await eventually(async () => {
      const overview = (await golden.restJson('GET', '/monitoring/getStationOverviewData', undefined, {
        station_name: 'g.s1',
        partition_number: -1,
      })) as { disconnected_cgs: JsonObject[] };
      return overview.disconnected_cgs.some((group) => group.name === 'inact');
    }, 'the member to be marked as gone');
  },
  'consumer.create.p1.stream-deleted': () => golden.deleteStream('g#s1$1'),
  'schema.attach.ok': async () => {
    await golden.rest('DELETE', '/schemas/removeSchema', { schema_names: ['g-sch'] });
    await golden.createStation({ name: 'g.st', ...fullStation });
    await schema('g-sch', 'json', '{"type":"object"}');
    await schema('g-sch2', 'graphql', 'type Query { a: Int }');
  },
  'producer.create.with-schema.after-new-version': () => schema('g-sch', 'json', '{"type":"string"}'),
  'producer.create.with-schema.after-activation': () =>
    golden.rest('PUT', '/schemas/rollBackVersion', { schema_name: 'g-sch', version_number: 2 }),
  'producer.create.with-protobuf-schema': async () => {
    expect(firstMessageName(protobuf)).toBe('First');
    await schema('g-proto', 'protobuf', protobuf);
    await attach('g-proto');
  },
  'producer.create.with-avro-schema': async () => {
    await schema('g-avro', 'avro', avro);
    await attach('g-avro');
  },
  'producer.create.with-graphql-schema': () => attach('g-sch2'),
  'producer.create.schema-removed': () => golden.rest('DELETE', '/schemas/removeSchema', { schema_names: ['g-sch2'] }),
  'station.create.schema.active-version': () => golden.destroyStation('g-st'),
  'setup.extra.station': () => golden.rest('DELETE', '/stations/removeStation', { station_names: ['g-st'] }),
  'schema.create.uppercase-name-kept': () =>
    golden.rest('DELETE', '/schemas/removeSchema', { schema_names: ['g-sch', 'g-proto', 'g-avro'] }),
  'setup.extra.station2': () => golden.rest('DELETE', '/stations/removeStation', { station_names: ['g-st'] }),
};
