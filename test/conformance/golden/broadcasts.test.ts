import { readFileSync } from 'node:fs';
import path from 'node:path';
import { randomUUID } from 'node:crypto';

import { GoldenBroker, type Json } from './golden-broker';
import { eventually } from '../../support/broker';

/** What a second connection saw while something was done. */
interface BroadcastCase {
  readonly id: string;
  readonly action: string;
  readonly broadcasts: readonly { readonly subject: string; readonly exact_payload: string }[];
}

const cases = JSON.parse(readFileSync(path.join(__dirname, 'broadcasts.json'), 'utf8')) as BroadcastCase[];

let golden: GoldenBroker;
const heard: { readonly subject: string; readonly exact_payload: string }[] = [];
beforeAll(async () => {
  golden = await GoldenBroker.start();
  // Names of stations are the end of a subject's only part, so that no wildcard but the widest finds them.
  golden.nats.subscribe('>', {
    callback: (_error, message) => {
      if (!/^\$memphis_(sdk_clients_updates$|schema_updates_|configurations_updates\.)/.test(message.subject)) return;
      // The greeting of this connection itself, which may come late.
      if (message.subject.endsWith(golden.connectionId)) return;
      heard.push({ subject: message.subject, exact_payload: message.string() });
    },
  });
});
afterAll(() => golden.stop());

const user = { username: 'root' };
const manage = (subject: string, request: object) => golden.manage(`$memphis_${subject}`, JSON.stringify({ ...user, ...request }));
const rest = (method: string, call: string, body: Json) => golden.rest(method, call, body);
const dls = (body: object) => rest('PUT', '/stations/updateDlsConfig', { station_name: 'b.st', ...body });
const client = { station_name: 'b.st', connection_id: 'b', req_version: 4 };
const producer = { ...client, name: 'p', producer_type: 'application' };
const consumer = { ...client, name: 'c', consumer_type: 'application', start_consume_from_sequence: 1, last_messages: -1 };
const connectId = randomUUID();

/** The actions of the recording, by its names. */
const actions: Readonly<Record<string, () => Promise<unknown>>> = {
  'sdk.station.create': () =>
    manage('station_creations', { name: 'b.st', partitions_number: 1, dls_configuration: { poison: true, schemaverse: true } }),
  'sdk.station.create.again': () => manage('station_creations', { name: 'b.st', partitions_number: 1 }),
  'rest.station.create': () => rest('POST', '/stations/createStation', { name: 'b-two', partitions_number: 1 }),
  'rest.station.create.with-schema': async () => {
    await manage('schema_creations', { name: 'b-sch', type: 'json', schema_content: '{"type":"object"}' });
    await rest('POST', '/stations/createStation', { name: 'b-three', partitions_number: 1, schema_name: 'b-sch' });
  },
  'sdk.producer.create': () => manage('producer_creations', producer),
  'sdk.schema.attach': () => manage('schema_attachments', { name: 'b-sch', station_name: 'b.st' }),
  'sdk.schema.attach.again': () => manage('schema_attachments', { name: 'b-sch', station_name: 'b.st' }),
  'sdk.schema.create.new-version': () => manage('schema_creations', { name: 'b-sch', type: 'json', schema_content: '{"type":"string"}' }),
  'rest.schema.rollBackVersion': () => rest('PUT', '/schemas/rollBackVersion', { schema_name: 'b-sch', version_number: 2 }),
  'rest.useSchema.after-activation': () => rest('POST', '/stations/useSchema', { station_names: ['b.st', 'b-two'], schema_name: 'b-sch' }),
  'sdk.schema.detach': () => manage('schema_detachments', { station_name: 'b.st' }),
  'sdk.schema.detach.again': () => manage('schema_detachments', { station_name: 'b.st' }),
  'rest.useSchema': () => rest('POST', '/stations/useSchema', { station_names: ['b.st'], schema_name: 'b-sch' }),
  'rest.removeSchemaFromStation': () => rest('DELETE', '/stations/removeSchemaFromStation', { station_name: 'b.st' }),
  'rest.removeSchema.in-use': async () => {
    // The recording side had attached it once more.
    await rest('POST', '/stations/useSchema', { station_names: ['b.st'], schema_name: 'b-sch' });
    await golden.barrier();
    heard.length = 0;
    await rest('DELETE', '/schemas/removeSchema', { schema_names: ['b-sch'] });
  },
  'sdk.schema.attach.protobuf': async () => {
    const content = 'syntax = "proto3";\nmessage M { int32 id = 1; }\n';
    await manage('schema_creations', { name: 'b-pb', type: 'protobuf', schema_content: content });
    await manage('schema_attachments', { name: 'b-pb', station_name: 'b.st' });
  },
  'rest.updateDlsConfig.true-true': () => dls({ poison: true, schemaverse: true }),
  'rest.updateDlsConfig.schemaverse-false': () => dls({ poison: true, schemaverse: false }),
  'rest.updateDlsConfig.schemaverse-false-again': () => dls({ poison: true, schemaverse: false }),
  'rest.updateDlsConfig.poison-only': () => dls({ poison: false, schemaverse: false }),
  'rest.updateDlsConfig.schemaverse-true': () => dls({ schemaverse: true }),
  'rest.attachDlsStation': () => rest('POST', '/stations/attachDlsStation', { name: 'b-two', station_names: ['b.st'] }),
  'rest.detachDlsStation': () => rest('DELETE', '/stations/detachDlsStation', { name: 'b-two', station_names: ['b.st'] }),
  'rest.updateTags': () =>
    rest('PUT', '/tags/updateTagsForEntity', { tags_to_add: [{ name: 'x', color: '1, 1, 1' }], entity_type: 'station', entity_name: 'b.st' }),
  'rest.addUser': () => rest('POST', '/usermgmt/addUser', { username: 'b-user', user_type: 'application', password: 'Abc123!@#x' }),
  'rest.removeUser': () => rest('DELETE', '/usermgmt/removeUser', { username: 'b-user' }),
  'rest.purgeStation': () => rest('DELETE', '/stations/purgeStation', { station_name: 'b.st', purge_station: true, partitions_list: [-1] }),
  'connect.native': async () => {
    const connection = await golden.connect(`${connectId}::root`);
    await eventually(() => heard.length > 0, 'the greeting');
    await connection.close();
  },
  'connect.foreign': async () => {
    const connection = await golden.connect('plain');
    await connection.close();
    // A native client that comes later is greeted; had the other been greeted, it would be heard by then.
    const next = await golden.connect('next::root');
    await eventually(() => heard.some(({ subject }) => subject.endsWith('.next')), 'the greeting of the next client');
    await next.close();
    expect(heard.splice(0)).toHaveLength(1);
  },
  'sdk.consumer.create': () => manage('consumer_creations', consumer),
  'sdk.consumer.destroy': () => manage('consumer_destructions', consumer),
  'sdk.producer.destroy': () => manage('producer_destructions', producer),
  'sdk.station.destroy': () => manage('station_destructions', { station_name: 'b.st' }),
  'rest.removeStation': () => rest('DELETE', '/stations/removeStation', { station_names: ['b-two', 'B-THREE'] }),
  'rest.removeStation.dotted': async () => {
    await manage('station_creations', { name: 'b.dot', partitions_number: 1 });
    await rest('DELETE', '/stations/removeStation', { station_names: ['b.dot'] });
  },
  'rest.removeStation.partial': async () => {
    await manage('station_creations', { name: 'b-p', partitions_number: 1 });
    await rest('DELETE', '/stations/removeStation', { station_names: ['b-p', 'nope'] });
  },
};

describe('broadcasts.json: what the other clients hear', () => {
  for (const recorded of cases) {
    test(`${recorded.id}: ${recorded.action}`, () => replay(recorded));
  }
});

async function replay(recorded: BroadcastCase): Promise<void> {
  heard.length = 0;
  const action = actions[recorded.id];
  if (action === undefined) throw new Error(`no action for ${recorded.id}`);
  await action();
  await golden.barrier();
  const expected = recorded.broadcasts.map(({ subject, exact_payload }) => ({
    subject: subject.replace('<connection-id>', connectId),
    exact_payload,
  }));
  // The real broker tells the stations of a removed schema in no certain order.
  expect(new Set(heard)).toEqual(new Set(expected));
  expect(heard).toHaveLength(expected.length);
}
