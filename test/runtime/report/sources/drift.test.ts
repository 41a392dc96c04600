import { randomUUID } from 'node:crypto';
import type { NatsConnection } from 'nats';
import { connect } from 'nats';
import { resolveConnection } from '../../../../src/model/connection';
import { kindNames } from '../../../../src/model/kinds';
import { canonicalStation } from '../../../../src/model/station';
import { MemphisError } from '../../../../src/model/errors';
import { Retention } from '../../../../src/model/retention';
import type { Admin } from '../../../../src/runtime/admin';
import { connectAdmin } from '../../../../src/runtime/admin';
import { inParallel } from '../../../../src/runtime/admin/batch';
import { LocalBroker } from '../../../../src/runtime/broker';
import {
  Run,
  clusterKind,
  enforcementKind,
  schemaKind,
  stationKind,
  userKind,
} from '../../../../src/runtime/reconcile';
import type { Report, ReportedObject } from '../../../../src/runtime/report/report';
import type { DriftOptions } from '../../../../src/runtime/report/sources/drift';
import { DeclaredNames } from '../../../../src/runtime/report/sources/drift/declared-names';
import { driftReport } from '../../../../src/runtime/report/sources/drift';
import type { DeclaredObject } from '../../../../src/runtime/synthesised/declared-stack';
import { declared, stackOf } from '../../../support/declared-stack';
import { publish } from '../../../support/publish';
import { RestProxy } from '../../../support/rest-proxy';
import { WireTap } from '../../../support/wire-tap';
import { unique } from '../../../support/declarations';

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

/** Deploys declared objects as the provider does. */
async function deploy(...objects: readonly DeclaredObject[]): Promise<void> {
  const kinds = {
    station: stationKind,
    schema: schemaKind,
    enforcement: enforcementKind,
    user: userKind,
    cluster: clusterKind,
  } as const;
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

test('users are compared without their passwords, and those that nobody declares are reported on request', async () => {
  const [name, free, gone] = [unique('user'), unique('free'), unique('gone')];
  const values = { name, type: 'application', passwordEnv: 'NOT_SET', passwordVersion: 7 };
  const user = declared('user', values);
  const password = 'Abc123!@#x';
  const kind = userKind.canonical({ name, type: 'application' });
  run.changing();
  const claim = { owner: String(user.values.owner), adoptExisting: false };
  await userKind.create(run, { ...kind, password }, claim, permissions);
  await admin.createUser({ ...kind, name: free, password });
  const objects = [user, declared('user', { ...values, name: gone })];
  const report = await reportOf(objects, { includeUnmanaged: true });
  const users = report.objects.filter(
    (object) => object.kind === 'user' && [name, free, gone].includes(object.name),
  );
  expect(users.map((object) => [object.name, object.status, object.action])).toEqual(
    expect.arrayContaining([
      [name, 'same', 'none'],
      [free, 'unmanaged', 'none'],
      [gone, 'missing', 'create'],
    ]),
  );
  expect(users).toHaveLength(3);
  expect(await only(declared('user', { ...values, description: 'Other' }))).toMatchObject({
    status: 'changed',
    action: 'replace',
    differences: [{ field: 'description', declared: 'other', live: '', effect: 'replace' }],
  });
  await admin.removeUser(name);
  await admin.removeUser(free);
  const [record] = (await reportOf(objects.slice(1), { includeUnmanaged: true })).objects.filter(
    (object) => object.name === `user/${name}`,
  );
  expect(record?.findings).toMatchObject([{ code: 'RECORD_WITHOUT_OBJECT' }]);
});

test('where only the client port can be reached, the streams are compared, and the report says what is not', async () => {
  const environment = { ...broker.environment(), MEMPHIS_REST_URL: 'http://127.0.0.1:1' };
  const [name, gone, schema] = [unique('streams'), unique('gone'), unique('schema')];
  const station = declared('station', {
    name,
    partitionsNumber: 2,
    retentionValue: 7200,
    tags: ['a'],
  });
  const typed = declared('schema', { name: schema, ...jsonSchema });
  const objects = [
    station,
    typed,
    declared('user', { name: 'app', type: 'application' }),
    declared('cluster', {}),
  ];
  await deploy(station, typed);
  const options = { environment, streamsOnly: true, includeUnmanaged: true };
  const statuses = async (...more: readonly DeclaredObject[]) => {
    const report = await reportOf([...objects, ...more], options);
    const own = report.objects.filter((object) => object.declaration !== undefined);
    return Object.fromEntries(own.map((object) => [object.name, [object.status, object.differences.length]]));
  };
  const unknown = { [schema]: ['unknown', 0], app: ['unknown', 0], settings: ['unknown', 0] };
  expect(await statuses()).toEqual({ [name]: ['same', 0], ...unknown });
  await changeStream(name, { max_age: 600_000_000_000 });
  await changeStream(name, { max_age: 600_000_000_000 }, 2);
  expect(await statuses(declared('station', { name: gone }))).toEqual({
    [name]: ['changed', 1],
    [gone]: ['missing', 0],
    ...unknown,
  });
  const { findings, objects: all } = await reportOf(objects, options);
  expect(findings.find(({ code }) => code === 'REST_NOT_READ')?.message).toContain(
    'Of stations, sendPoisonMsgToDls, sendSchemaFailedMsgToDls, dlsStation, tags were not compared',
  );
  expect(
    all.filter(({ findings: own }) => own.some(({ code }) => /RECREATED|OWNED_ELSEWHERE/.test(code))),
  ).toEqual([]);
  await expect(reportOf(objects, { environment })).rejects.toMatchObject({ code: 'MEMPHIS_CONNECTION' });
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
        what: "retentionValue was changed on the streams of the station, which was created with 7200, behind Memphis's back. The broker does not record by whom.",
      },
      { what: `Station ${String(station.values.name)} has been created by root.`, by: 'root' },
    ],
  });
});

test('of more objects than the broker is asked about, the others say so', async () => {
  const names = Array.from({ length: 302 }, (_, index) => `many-${index}`);
  await inParallel(
    names,
    (name) => admin.createStation(canonicalStation({ name, retentionValue: 7200 })),
    32,
  );
  const stations = names.map((name) => declared('station', { name, retentionValue: 3600 }));
  const { objects } = await reportOf(stations);
  const first = objects.map(({ history }) => history[0]?.what ?? '');
  expect(first.filter((what) => what.startsWith('retentionValue is still the value'))).toHaveLength(300);
  expect(first.filter((what) => what.startsWith('The broker was not asked who changed it'))).toHaveLength(2);
  await inParallel(names, (name) => admin.removeStation(name), 32);
});

test('a provider with a prefix of its variables is compared with the broker that they name', async () => {
  const station = declared('station', { name: unique('prefixed') });
  await deploy(station);
  const prefixed = Object.entries(broker.environment()).map(([name, value]) => [`EU_${name}`, value]);
  const providers = [{ key: 'memphis', settings: {}, envPrefix: 'EU_', unresolved: ['host'] }];
  const { objects, findings } = await driftReport([stackOf([station], { providers })], {
    environment: {
      MEMPHIS_HOST: 'elsewhere.invalid',
      ...(Object.fromEntries(prefixed) as Record<string, string>),
    },
  });
  expect(objects.map(({ status }) => status)).toEqual(['same']);
  expect(findings[0]?.message).toContain('(EU_MEMPHIS_HOST)');
});

test('beside a module that is not read, nothing is said to be declared by nobody', async () => {
  const [name, schema] = [unique('partial'), unique('schema')];
  const station = declared('station', { name });
  await deploy(station, declared('schema', { name: schema, ...jsonSchema }));
  await admin.attachSchema(name, schema);
  const options = { environment: broker.environment(), includeUnmanaged: true };
  const { objects, findings } = await driftReport([stackOf([station], { isPartial: true })], options);
  expect(objects.find((object) => object.name === name && object.kind === 'station')?.findings).toEqual([]);
  const note = findings.find(({ code }) => code === 'UNRESOLVED_NAME');
  expect(note?.message).toContain('Some of the unmanaged objects may be declared');
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
  // Each side counts what its own retention type says.
  expect(shrunk.differences).toContainEqual({
    field: 'retentionValue',
    declared: 3,
    live: 3600,
    declaredUnit: 'messages per partition',
    liveUnit: 'seconds',
    effect: 'inPlace',
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

describe('what no stack declares', () => {
  const unmanagedOf = async (
    objects: readonly DeclaredObject[],
    names: readonly string[],
  ): Promise<readonly [string, string, string[]][]> => {
    const report = await reportOf(objects, { includeUnmanaged: true });
    return report.objects
      .filter(({ name, status }) => status === 'unmanaged' && names.some((each) => name.includes(each)))
      .map(({ kind, name, findings }) => [kind, name, findings.map(({ code }) => code)]);
  };

  test('is reported on request: stations, schemas, enforcements, streams without a station, and records', async () => {
    const [name, schema, orphan, gone] = [unique('um'), unique('sc'), unique('or'), unique('gone')];
    const nobody = { owner: '' };
    const station = declared('station', { name, ...nobody });
    const schemaObject = declared('schema', { name: schema, ...jsonSchema, ...nobody });
    await deploy(
      station,
      schemaObject,
      declared('enforcement', { stationName: name, schemaName: schema, ...nobody }),
    );
    await (await nats.jetstreamManager()).streams.add({ name: `${orphan}$1`, subjects: [`${orphan}$1.>`] });
    await admin.ledger.write('station', gone, { owner: `shop/${gone}`, state: 'complete', uid: '1' });
    const names = [name, schema, orphan, gone];
    expect(await unmanagedOf([], names)).toEqual([]);
    const everything = [
      ['enforcement', name, []],
      ['record', `station/${gone}`, ['RECORD_WITHOUT_OBJECT']],
      ['schema', schema, []],
      ['station', name, []],
      ['stream', `${orphan}$1`, ['ORPHAN_STREAM']],
    ];
    const other = declared('station', { name: unique('other') });
    expect(await unmanagedOf([other], names)).toEqual(everything);
    expect((await reportOf([other])).objects).toHaveLength(1);
    expect(await unmanagedOf([station, schemaObject], names)).toEqual([
      everything[0],
      everything[1],
      everything[4],
    ]);
    await (await nats.jetstreamManager()).streams.delete(`${orphan}$1`);
  });

  test('but other stacks own is left out and counted; what this stack owned is said to be declared no longer', async () => {
    const [theirs, ours] = [unique('theirs'), unique('ours')];
    await deploy(
      declared('station', { name: theirs, owner: '0fbb2a5e-0000-4000-8000-000000000000/billing/theirs' }),
      declared('station', { name: ours, owner: '0fbb2a5e-0000-4000-8000-000000000000/shop/ours' }),
    );
    const objects = [declared('station', { name: unique('any') })];
    expect(await unmanagedOf(objects, [theirs, ours])).toEqual([['station', ours, ['NO_LONGER_DECLARED']]]);
    const { findings } = await reportOf(objects, { includeUnmanaged: true });
    expect(findings).toMatchObject([
      { code: 'OTHER_STACKS', message: 'Objects of stacks that were not read are left out (billing: 1).' },
    ]);
  });

  test('leaves out temporary stations of smoke tests, and says how many', async () => {
    const shadow = 'smoke-0123abcd-orders';
    await deploy(declared('station', { name: shadow, owner: '' }));
    const objects = [declared('station', { name: unique('any') })];
    expect(await unmanagedOf(objects, [shadow])).toEqual([]);
    const { findings } = await reportOf(objects, { includeUnmanaged: true });
    expect(findings.filter(({ code }) => code === 'SMOKE_STATIONS')).toMatchObject([
      { severity: 'note', message: expect.stringContaining('are left out (1)') as unknown },
    ]);
    await admin.removeStation(shadow);
  });

  test('leaves out what every broker makes at its first start', async () => {
    const names = ['default', 'demo-schema'];
    expect(await unmanagedOf([declared('station', { name: unique('any') })], names)).toEqual([]);
  });
});

describe('what is missing', () => {
  test('is created, and a record tells that it was removed without Terraform', async () => {
    const station = declared('station', { name: unique('missing') });
    expect(await only(station)).toMatchObject({
      status: 'missing',
      action: 'create',
      history: [],
      findings: [],
    });
    await deploy(station);
    await admin.removeStation(String(station.values.name));
    expect(await only(station)).toMatchObject({
      status: 'missing',
      history: [
        { what: 'It was deployed, and removed without Terraform. The broker does not record by whom.' },
      ],
    });
  });

  test('a dead-letter station that the same stacks declare counts as created first, another one is refused', async () => {
    const dead = declared('station', { name: unique('dead') });
    const station = declared('station', {
      name: unique('live'),
      dlsStation: String(dead.values.name).toUpperCase(),
    });
    const { objects } = await reportOf([dead, station]);
    expect(objects.map(({ action, findings }) => [action, findings])).toEqual([
      ['create', []],
      ['create', []],
    ]);
    expect((await only(station)).findings).toMatchObject([{ severity: 'error', field: 'dlsStation' }]);
  });

  test('an enforcement whose station and schema the stacks declare is created without an error', async () => {
    const enforcement = declared('enforcement', { stationName: unique('st'), schemaName: unique('sc') });
    const { stationName, schemaName } = enforcement.values;
    const both = [
      declared('station', { name: stationName }),
      declared('schema', { name: schemaName, ...jsonSchema }),
    ];
    const { objects } = await reportOf([enforcement, ...both]);
    expect(objects.flatMap(({ findings }) => findings)).toEqual([]);
    expect((await only(enforcement)).findings).toMatchObject([
      { field: 'stationName' },
      { field: 'schemaName' },
    ]);
  });

  test('stream settings that no station has are drift, and those that no server takes back say what can be done', async () => {
    const station = declared('station', { name: unique('set'), partitionsNumber: 2 });
    await deploy(station);
    const { streams } = await nats.jetstreamManager();
    await streams.update(`${String(station.values.name)}$2`, { no_ack: true, deny_purge: true });
    expect(await only(station)).toMatchObject({
      status: 'changed',
      action: 'update',
      differences: [{ field: 'streamSettings', declared: [], live: ['no_ack = true (partition 2)'] }],
      findings: [
        {
          severity: 'warning',
          code: 'PERMANENT_SETTING',
          message: expect.stringMatching(/deny_purge = true \(partition 2\).*terraform taint/) as string,
        },
      ],
    });
  });

  test('a station that has lost a partition is repaired, and one that has lost all of them is created', async () => {
    const station = declared('station', { name: unique('broken'), partitionsNumber: 2 });
    await deploy(station);
    const { streams } = await nats.jetstreamManager();
    await streams.delete(`${String(station.values.name)}$2`);
    expect(await only(station)).toMatchObject({
      status: 'changed',
      action: 'update',
      differences: [{ field: 'intact', declared: true, live: false }],
      findings: [
        {
          severity: 'warning',
          code: 'PARTITION_LOST',
          message: expect.stringMatching(/^Partition 2 has no stream/) as string,
        },
      ],
    });
    await streams.delete(`${String(station.values.name)}$1`);
    expect(await only(station)).toMatchObject({
      status: 'missing',
      findings: [{ severity: 'warning', code: 'STREAMS_LOST' }],
    });
  });
});

describe('whose an object is', () => {
  test('a declared object that belongs to another declaration, or was created again by hand, is an error', async () => {
    const station = declared('station', { name: unique('owned') });
    const name = String(station.values.name);
    await deploy(declared('station', { ...station.values, owner: 'billing/orders' }));
    expect(await only(station)).toMatchObject({
      status: 'same',
      findings: [
        {
          severity: 'error',
          code: 'OWNED_ELSEWHERE',
          message: `It belongs to billing/orders, not to ${station.site.constructPath}. A deploy does not touch it.`,
        },
      ],
    });
    // As the plan does, it passes over what differs.
    const other = declared('station', { ...station.values, retentionValue: 7200 });
    expect(await only(other)).toMatchObject({
      status: 'changed',
      action: 'none',
      findings: [{ code: 'OWNED_ELSEWHERE' }],
    });
    const again = declared('station', { name: unique('again') });
    await deploy(again);
    await admin.removeStation(String(again.values.name));
    await admin.createStation(stationKind.canonical(again.values as never));
    expect((await only(again)).findings).toMatchObject([{ severity: 'error', code: 'RECREATED' }]);
    await admin.removeStation(name);
  });

  test('two declarations of one object, and a schema that was attached by hand, are reported', async () => {
    const station = declared('station', { name: unique('twice') });
    await deploy(station);
    await admin.attachSchema(String(station.values.name), 'demo-schema');
    const { objects } = await reportOf([station, declared('station', { ...station.values })]);
    expect(objects.map(({ findings }) => findings.map(({ severity, code }) => [severity, code]))).toEqual([
      [
        ['warning', 'UNDECLARED_ENFORCEMENT'],
        ['error', 'DECLARED_TWICE'],
      ],
      [
        ['warning', 'UNDECLARED_ENFORCEMENT'],
        ['error', 'DECLARED_TWICE'],
      ],
    ]);
  });
});

describe('who changed it', () => {
  test('is the user that the broker recorded; nobody is named where it records nothing', async () => {
    const station = declared('station', { name: unique('who') });
    const name = String(station.values.name);
    const enforcement = declared('enforcement', { stationName: name, schemaName: unique('sc') });
    const schema = declared('schema', { name: enforcement.values.schemaName, ...jsonSchema });
    await deploy(station, schema, enforcement);
    await admin.attachSchema(name, 'demo-schema');
    await admin.setDlsConfiguration(name, { sendPoisonMsgToDls: false, sendSchemaFailedMsgToDls: true });
    const { objects } = await reportOf([station, enforcement, schema]);
    expect(objects.map(({ kind, history }) => [kind, history.map(({ by, what }) => [by, what])])).toEqual([
      [
        'enforcement',
        [
          ['root', `Schema demo-schema has been attached to station ${name} by user root.`],
          ['root', `Schema ${String(schema.values.name)} has been attached to station ${name} by user root.`],
        ],
      ],
      [
        'station',
        [
          [undefined, 'The broker does not record who changes sendPoisonMsgToDls.'],
          ['root', `Schema demo-schema has been attached to station ${name} by user root.`],
          ['root', `Schema ${String(schema.values.name)} has been attached to station ${name} by user root.`],
          ['root', `Station ${name} has been created by root.`],
        ],
      ],
      ['schema', []],
    ]);
    expect(objects[0]?.history[0]?.at).toMatch(/^20\d\d-/);
  });
});

describe('what is left out', () => {
  test('is what a pattern matches by name, kind and name, or construct path; a pattern for nothing is named', async () => {
    const objects = ['a', 'b', 'c', 'd'].map((name) => declared('station', { name: `ign.${name}` }));
    const ignore = ['ign.a', 'station/*.b', 'shop/*-ign.c', 'schema/*'];
    const report = await reportOf(objects, { ignore });
    expect(report.objects.map(({ name }) => name)).toEqual(['ign.d']);
    expect(report.findings.map(({ message }) => message)).toEqual([
      '3 of 4 objects are left out (--ignore).',
      'No object matches --ignore "schema/*".',
    ]);
    await expect(reportOf(objects, { ignore: [''] })).rejects.toThrow('a pattern is empty');
  });
});

describe('brokers', () => {
  const refused = async (environment: Record<string, string>): Promise<MemphisError> => {
    try {
      await reportOf([declared('station', { name: 'any' })], {
        environment: { ...broker.environment(), ...environment },
      });
    } catch (error) {
      if (error instanceof MemphisError) return error;
    }
    throw new Error('it was not refused');
  };

  test('each side that cannot be reached or refuses the login is an error that names it', async () => {
    const [down, wrong] = [{ MEMPHIS_PORT: '1' }, { MEMPHIS_PASSWORD: 'wrong-1234' }];
    expect(await refused(down)).toMatchObject({ code: 'MEMPHIS_CONNECTION' });
    expect(await refused({ MEMPHIS_REST_URL: 'http://127.0.0.1:1' })).toMatchObject({
      code: 'MEMPHIS_CONNECTION',
      attempted: 'log in to the REST API at http://127.0.0.1:1 as "root"',
    });
    expect(await refused(wrong)).toMatchObject({ code: 'MEMPHIS_AUTHENTICATION' });
    expect(await refused({ MEMPHIS_REST_PASSWORD: 'wrong-1234' })).toMatchObject({
      code: 'MEMPHIS_AUTHENTICATION',
      attempted: `log in to the REST API at ${broker.restUrl} as "root"`,
    });
  });

  test('of several providers are compared each for itself, and two names of one broker are one', async () => {
    const second = await LocalBroker.start({ store: 'memory' });
    try {
      const name = unique('both');
      await deploy(declared('station', { name }));
      const settings = (of: LocalBroker) => ({ host: of.host, port: of.port, restUrl: of.restUrl });
      const stack = stackOf(
        ['memphis', 'memphis.same', 'memphis.other'].map((provider, index) =>
          declared('station', { name: index === 1 ? unique('x') : name }, { provider }),
        ),
        {
          providers: [
            { key: 'memphis.same', settings: settings(broker), unresolved: [] },
            { key: 'memphis.other', settings: settings(second), unresolved: ['port'] },
          ],
        },
      );
      const { brokers, objects, findings } = await driftReport([stack], {
        environment: broker.environment(),
      });
      expect(brokers.map(({ address }) => address).sort()).toEqual(
        [broker, second].map(({ host, port }) => `${host}:${port}`).sort(),
      );
      expect(objects.map((object) => [object.broker, object.status]).sort()).toEqual(
        [
          [`${broker.host}:${broker.port}`, 'missing'],
          [`${broker.host}:${broker.port}`, 'same'],
          [`${second.host}:${second.port}`, 'missing'],
        ].sort(),
      );
      expect(findings).toMatchObject([{ severity: 'warning', code: 'UNRESOLVED_BROKER' }]);
    } finally {
      await second.stop();
    }
  });
});

test('invalid values are an error of the object, and the others are compared all the same', async () => {
  const bad = declared('station', { name: unique('bad'), retentionType: Retention.MESSAGES });
  const { objects } = await reportOf([bad, declared('station', { name: unique('good') })]);
  expect(objects.map(({ status, findings }) => [status, findings.map(({ code }) => code)])).toEqual([
    ['missing', []],
    ['missing', ['MEMPHIS_VALIDATION']],
  ]);
});

test('nothing is written: only lists, reads and the log-in reach the broker, over REST and NATS', async () => {
  const proxy = await RestProxy.start(broker.restUrl);
  const tap = await WireTap.before(broker.port);
  try {
    const station = declared('station', { name: unique('read') });
    const ackBased = declared('station', { name: unique('read'), retentionType: Retention.ACK_BASED });
    await deploy(station, declared('station', { name: ackBased.values.name }));
    await publish(broker, String(ackBased.values.name), 2);
    await changeStream(String(station.values.name), { max_age: 600_000_000_000 });
    const environment = {
      ...broker.environment(),
      MEMPHIS_REST_URL: proxy.url,
      MEMPHIS_PORT: String(tap.port),
    };
    const schema = declared('schema', { name: 'demo-schema', ...jsonSchema });
    const report = await reportOf([station, ackBased, schema], { environment, includeUnmanaged: true });
    expect(report.objects.filter(({ status }) => status === 'changed')).toHaveLength(3);
    const rest = new Set(proxy.requests);
    rest.delete('POST /api/usermgmt/login');
    expect([...rest].filter((request) => !request.startsWith('GET '))).toEqual([]);
    const subjects = [...tap.said.matchAll(/(?:^|\n)H?PUB (\S+)/g)].map(([, subject = '']) => subject);
    const reads =
      /^\$JS\.API\.(?:STREAM\.(?:LIST|INFO\.\S+|MSG\.GET\.KV_CDKTF_MEMPHIS)|CONSUMER\.(?:LIST\.\S+|CREATE\.KV_CDKTF_MEMPHIS))$/;
    expect(subjects).toEqual(
      expect.arrayContaining([
        '$JS.API.STREAM.LIST',
        `$JS.API.CONSUMER.LIST.${String(ackBased.values.name)}$1`,
      ]),
    );
    expect(subjects.filter((subject) => !reads.test(subject))).toEqual([]);
  } finally {
    await proxy.stop();
    await tap.close();
  }
});

test.each([
  ['json', '['],
  ['protobuf', 'message {'],
  ['avro', '{'],
  ['graphql', 'type {'],
])('an invalid schema of type %s is an error, whether it is on the broker or not', async (type, content) => {
  const findings = [{ severity: 'error', code: 'MEMPHIS_VALIDATION' }];
  for (const [name, status] of [
    ['demo-schema', 'changed'],
    [unique('sc'), 'missing'],
  ])
    expect(await only(declared('schema', { name, type, content }))).toMatchObject({ status, findings });
});

test('what a provider says for all stations counts for those that do not say it', async () => {
  const [plain, own] = [unique('defaults'), unique('defaults')];
  await deploy(declared('station', { name: plain, tags: ['eu'] }), declared('station', { name: own }));
  await publish(broker, plain, 1);
  const provider = {
    key: 'memphis',
    settings: {},
    unresolved: [],
    stationDefaults: { values: { allowMessageLoss: true, tags: ['eu'] }, unresolved: ['deletionProtection'] },
  };
  const stack = stackOf(
    [
      declared('station', { name: plain, partitionsNumber: 2 }),
      declared('station', { name: own, tags: [], allowMessageLoss: false }),
    ],
    { providers: [provider] },
  );
  const { objects } = await driftReport([stack], { environment: broker.environment() });
  expect(objects).toMatchObject([
    {
      name: plain,
      action: 'replace',
      stake: { isPermitted: true },
      findings: [],
      differences: [{ field: 'partitionsNumber' }],
    },
    { name: own, status: 'same' },
  ]);
});

test('no value of a sensitive field is in a report, neither the declared nor the live one', async () => {
  const [name, before, after] = [unique('hidden'), unique('live-secret'), unique('declared-secret')];
  const schema = declared('schema', { name: unique('hidden'), ...jsonSchema });
  const station = (dlsStation: string) =>
    declared('station', { name, dlsStation, tags: ['open'] }, { sensitive: ['dlsStation'] });
  await deploy(
    declared('station', { name: before }),
    declared('station', { name: after }),
    schema,
    station(before),
  );
  const content = '{"title":"s3cret-title","type":"object"}';
  const changed = { ...schema, values: { ...schema.values, content }, sensitive: ['content'] };
  const nameless = declared('station', { name: 'not a s3cret!' }, { sensitive: ['name'] });
  const report = await reportOf([station(after), changed, nameless]);
  expect(report.objects.find((object) => object.name === name)?.differences).toEqual([
    { field: 'dlsStation', declared: '(sensitive value)', live: '(sensitive value)', effect: 'inPlace' },
  ]);
  expect(report.objects.filter(({ kind }) => kind === 'schema')).toMatchObject([
    { status: 'changed', differences: [{ field: 'content', declared: '(sensitive value)' }] },
  ]);
  const printed = JSON.stringify(report.objects.map(({ declaration: _, ...object }) => object));
  for (const secret of [before, after, 's3cret-title']) expect(printed).not.toContain(secret);
  const invalid = report.objects.find(({ declaration }) => declaration?.address === nameless.site.address);
  expect(invalid?.name).toBe(nameless.site.address);
  expect(invalid?.findings.map(({ message }) => message).join()).not.toContain('s3cret');
});

test('a replacement that takes the messages along is an update, with what it means, and one that broke off is told', async () => {
  const name = unique('carried');
  const object = (more: object): DeclaredObject =>
    declared('station', { name, onReplace: 'carryMessages', ...more });
  await deploy(object({}));
  await publish(broker, name, 3);
  const planned = await only(object({ storageType: 'memory' }));
  expect(planned).toMatchObject({ status: 'changed', action: 'update' });
  expect(planned.stake).toBeUndefined();
  expect(planned.findings).toMatchObject([
    { severity: 'note', code: 'MESSAGES_CARRIED', message: expect.stringContaining('3 messages') as string },
  ]);
  await admin.ledger.write('replacement', `carry:${name}`, {
    owner: String(object({}).values.owner),
    state: 'pending',
    uid: '1',
    carry: {
      phase: 'copying',
      method: 'sources',
      station: { name, partitionsNumber: 1 },
      schemaName: '',
      partitions: 1,
      frozen: [],
    },
  });
  expect((await only(object({}))).findings).toMatchObject([
    { severity: 'warning', code: 'REPLACEMENT_INTERRUPTED' },
  ]);
});

test('a stack of which a part could not be read may declare objects of any kind', () => {
  const names = new DeclaredNames([], true);
  expect(kindNames.filter((kind) => names.areAllKnown(kind))).toEqual([]);
});
