import { randomUUID } from 'node:crypto';
import type { NatsConnection } from 'nats';
import { connect } from 'nats';
import { resolveConnection } from '../../../../src/model/connection';
import { Retention } from '../../../../src/model/retention';
import type { Admin } from '../../../../src/runtime/admin';
import { connectAdmin } from '../../../../src/runtime/admin';
import { LocalBroker } from '../../../../src/runtime/broker';
import { Run, enforcementKind, schemaKind, stationKind } from '../../../../src/runtime/reconcile';
import type { Report, ReportedObject } from '../../../../src/runtime/report/report';
import type { DriftOptions } from '../../../../src/runtime/report/sources/drift';
import { driftReport } from '../../../../src/runtime/report/sources/drift';
import type { DeclaredObject } from '../../../../src/runtime/synthesised/declared-stack';
import { declared, stackOf } from '../../../support/declared-stack';
import { publish } from '../../../support/publish';

let broker: LocalBroker;
let admin: Admin;
let run: Run;
let nats: NatsConnection;
const permissions = { allowMessageLoss: false };

beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory' });
  admin = await connectAdmin(resolveConnection({}, broker.environment()));
  run = new Run(admin);
  nats = await connect({
    servers: `${broker.host}:${broker.port}`,
    user: 'root',
    pass: 'memphis',
    name: `${randomUUID()}::root`,
  });
});

afterAll(async () => {
  await nats.close();
  await admin.close();
  await broker.stop();
});

const unique = (prefix: string): string => `${prefix}-${randomUUID().slice(0, 8)}`;

/** Deploys declared objects as the provider does. */
async function deploy(...objects: readonly DeclaredObject[]): Promise<void> {
  const kinds = { station: stationKind, schema: schemaKind, enforcement: enforcementKind } as const;
  for (const { kind, values } of objects) {
    const adapter = kinds[kind] as unknown as typeof stationKind;
    const claim = { owner: String(values.owner), adoptExisting: false };
    run.changing();
    await adapter.create(run, adapter.canonical(values as never), claim, permissions);
  }
}

async function reportOf(
  objects: readonly DeclaredObject[],
  options: Partial<DriftOptions> = {},
): Promise<Report> {
  return driftReport([stackOf(objects)], { environment: broker.environment(), ...options });
}

async function only(...objects: readonly DeclaredObject[]): Promise<ReportedObject> {
  const [first] = (await reportOf(objects)).objects;
  if (first === undefined) throw new Error('nothing was reported');
  return first;
}

/** Changes the stream of a station as no part of Memphis does. */
async function changeStream(name: string, change: object, partition = 1): Promise<void> {
  const manager = await nats.jetstreamManager();
  const { config } = await manager.streams.info(`${name}$${partition}`);
  await manager.streams.update(`${name}$${partition}`, { ...config, ...change });
}

const jsonSchema = { type: 'json', content: '{"type":"object"}' };

test('what is deployed as declared is the same, with its schema and its enforcement', async () => {
  const [name, schema] = [unique('same'), unique('schema')];
  const objects = [
    declared('station', { name: name.toUpperCase(), partitionsNumber: 2, tags: ['B', 'a'] }),
    declared('schema', { name: schema, ...jsonSchema }),
    declared('enforcement', { stationName: name, schemaName: schema }),
  ];
  await deploy(...objects);
  const report = await reportOf(objects);
  expect(report.objects.map(({ kind, status, action }) => [kind, status, action])).toEqual([
    ['enforcement', 'same', 'none'],
    ['schema', 'same', 'none'],
    ['station', 'same', 'none'],
  ]);
  expect(report.objects.flatMap(({ findings, history }) => [...findings, ...history])).toEqual([]);
  expect(report.objects[2]?.live).toMatchObject({
    partitions: [{ number: 1 }, { number: 2 }],
    schemaName: schema,
    owner: `shop/station-${name.toUpperCase()}`,
  });
  expect(report.brokers).toEqual([
    { address: `${broker.host}:${broker.port}`, restAddress: broker.restUrl, serverVersion: broker.version },
  ]);
});

test('a changed stream shows declared and live value, that a deploy changes it in place, and nobody as the author', async () => {
  const station = declared('station', { name: unique('behind'), retentionValue: 7200 });
  await deploy(station);
  await changeStream(String(station.values.name), { max_age: 600_000_000_000 });
  expect(await only(station)).toMatchObject({
    status: 'changed',
    action: 'update',
    declaration: { constructPath: station.site.constructPath, file: 'main.ts', line: 7 },
    differences: [{ field: 'retentionValue', declared: 7200, live: 600, effect: 'inPlace' }],
    history: [
      {
        what: "retentionValue was changed on the streams of the station, which was created with 7200, behind Memphis' back. The broker records nobody for that.",
      },
      { what: `Station ${String(station.values.name)} has been created by root.`, by: 'root' },
    ],
  });
});

test('a declaration that changed is no change behind the back of Memphis', async () => {
  const station = declared('station', { name: unique('newer'), retentionValue: 7200 });
  await deploy(station);
  const { history } = await only(declared('station', { ...station.values, retentionValue: 3600 }));
  expect(history[0]?.what).toBe('retentionValue is still the value with which the station was created.');
});

test('a smaller limit and a replacement say how many messages are at stake, and that a deploy is refused', async () => {
  const station = declared('station', { name: unique('stake') });
  await deploy(station);
  await publish(broker, String(station.values.name), 5);
  const smaller = { ...station.values, retentionType: Retention.MESSAGES, retentionValue: 3 };
  const shrunk = await only(declared('station', smaller));
  expect(shrunk).toMatchObject({
    action: 'update',
    stake: { messages: 2, isPermitted: false },
    findings: [{ severity: 'error', code: 'MEMPHIS_MESSAGE_LOSS' }],
  });
  expect(shrunk.stake?.consequence).toContain('drop the oldest 2 of 5 messages');
  const replaced = await only(
    declared('station', { ...station.values, partitionsNumber: 3, allowMessageLoss: true }),
  );
  expect(replaced).toMatchObject({
    action: 'replace',
    stake: { messages: 5, isPermitted: true, consumerGroups: 0 },
    findings: [],
    differences: [
      {
        field: 'partitionsNumber',
        declared: 3,
        live: 1,
        effect: 'replace',
        why: 'Memphis cannot change the number of partitions of a station.',
      },
    ],
  });
  const maybe = declared(
    'station',
    { ...station.values, partitionsNumber: 3 },
    { unresolved: ['allowMessageLoss'] },
  );
  expect((await only(maybe)).findings).toMatchObject([{ severity: 'warning', code: 'MEMPHIS_MESSAGE_LOSS' }]);
});

test('what only Terraform knows is not compared, and an object without a name is unknown', async () => {
  const name = unique('unresolved');
  await deploy(declared('station', { name, retentionValue: 7200, partitionsNumber: 2 }));
  const station = declared(
    'station',
    { name, retentionType: Retention.BYTES },
    { unresolved: ['retentionValue', 'retentionType', 'partitionsNumber'] },
  );
  expect(await only(station)).toMatchObject({
    status: 'same',
    unresolved: ['retentionValue', 'retentionType', 'partitionsNumber'],
  });
  const nameless = declared('enforcement', { schemaName: 'x' }, { unresolved: ['stationName'] });
  expect(await only(nameless)).toMatchObject({
    status: 'unknown',
    name: 'memphis_enforcement.unnamed',
    action: 'none',
    findings: [{ severity: 'note', code: 'UNRESOLVED_NAME', field: 'stationName' }],
  });
});
