import { resolveConnection } from '../../src/model/connection';
import { Retention } from '../../src/model/retention';
import { canonicalStation } from '../../src/model/station';
import type { UserDeclaration } from '../../src/model/user';
import { Storage } from '../../src/model/storage';
import type { Admin } from '../../src/runtime/admin';
import { connectAdmin } from '../../src/runtime/admin';
import { inParallel } from '../../src/runtime/admin/batch';
import { LocalBroker } from '../../src/runtime/broker';
import { Memphis } from '../../src/runtime';
import type { Listing } from '../../src/runtime/inventory';
import { wantedUser } from '../../src/runtime/reconcile/user/live';
import { runCommand, startCommand } from '../support/command-line';

let broker: LocalBroker;
let admin: Admin;

beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory' });
  admin = await connectAdmin(resolveConnection({}, broker.environment()));
  await fill();
});

afterAll(async () => {
  await admin.close();
  await broker.stop();
});

/** An orders station with messages, a group that lags behind, a schema, a tag and an owner; and forty more stations. */
async function fill(): Promise<void> {
  const content = '{"type":"object"}';
  await admin.createSchema({ name: 'order', type: 'json', content, messageStructName: '' });
  await admin.createStation(canonicalStation({ name: 'orders.dead' }));
  await admin.createStation(
    canonicalStation({
      name: 'Orders.EU',
      retentionType: Retention.MESSAGES,
      retentionValue: 100_000,
      storageType: Storage.MEMORY,
      partitionsNumber: 2,
      dlsStation: 'orders.dead',
    }),
  );
  await admin.addStationTags('orders.eu', ['team:shop', 'odd\n\u001b[31mtag']);
  await admin.attachSchema('orders.eu', 'order');
  const row = (await admin.listStations()).find(({ name }) => name === 'orders.eu');
  const owner = { owner: 'shop/orders/eu', state: 'complete', uid: String(row?.id) } as const;
  await admin.ledger.write('station', 'orders.eu', owner);
  const add = (user: UserDeclaration) => admin.createUser({ ...wantedUser(user), password: 'Abc123!@#x' });
  await add({
    name: 'u-app',
    type: 'application',
    allowReadPermissions: ['orders.eu', 'a', 'b', 'c', 'd', 'e'],
  });
  await add({ name: 'u-free', type: 'application', description: 'Anything' });
  await add({ name: 'u-ops', type: 'management' });
  await inParallel([...Array(40).keys()], (index) =>
    admin.createStation(canonicalStation({ name: `bulk-${index}` })),
  );
  const memphis = new Memphis();
  await memphis.connect({ host: broker.host, port: broker.port, username: 'root', password: 'memphis' });
  const consumer = await memphis.consumer({
    stationName: 'orders.eu',
    consumerName: 'c',
    consumerGroup: 'billing.eu',
  });
  const producer = await memphis.producer({ stationName: 'orders.eu', producerName: 'p' });
  for (let index = 0; index < 6; index += 1) await producer.produce({ message: { index } });
  const [first] = await consumer.fetch({ batchSize: 1 });
  await first?.ack();
  // What it has acknowledged is sent, and the group stays.
  await memphis.close();
}

/** Runs the command line as a user would. */
function run(args: readonly string[], environment: Record<string, string> = {}) {
  const env = { ...process.env, ...broker.environment(), CI: 'true', ...environment };
  return runCommand(args, { env });
}

test('where only the client port can be reached, it lists what the streams show, and says what it does not', async () => {
  // Nothing listens at the port of discarded messages.
  const closed = { MEMPHIS_REST_URL: 'http://127.0.0.1:9' };
  const refused = await run(['list', 'orders*'], closed);
  expect(refused).toMatchObject({ code: 3, out: '' });
  expect(refused.err.replace(/\s+/g, ' ')).toContain('drift and list go on with --streams-only');
  const listed = await run(['list', 'orders*', '--groups', '--streams-only', '--format', 'json'], closed);
  expect(listed).toMatchObject({ code: 0 });
  expect(listed.err).toContain('Not read, because --streams-only leaves the REST API out: ');
  const { stations, schemas, users, notRead } = JSON.parse(listed.out) as Listing;
  expect([schemas, users]).toEqual([[], []]);
  expect(stations.map(({ name, messages }) => [name, messages])).toEqual([
    ['orders.dead', 0],
    ['orders.eu', 6],
  ]);
  expect(stations[1]).toMatchObject({
    retentionValue: 100_000,
    partitions: [{ number: 1 }, { number: 2 }],
    groups: [{ name: 'billing.eu', backlog: 5 }],
    owner: 'shop/orders/eu',
  });
  expect(notRead).toEqual(expect.arrayContaining(['tags', 'dlsStation', 'schemaName', 'schemas', 'users']));
  for (const field of notRead ?? []) expect(stations[1]).not.toHaveProperty(field);
  const tagged = await run(['list', '--tag', 'a', '--streams-only'], closed);
  expect(tagged).toMatchObject({ code: 1, out: '' });
  expect(tagged.err).toContain('only the REST API shows tags');
});

test('text shows stations, groups with their backlog, and schemas in aligned tables', async () => {
  const { out, err, code } = await run(['list', 'orders*', 'order', '--groups']);
  expect(code).toBe(0);
  // The width of a column follows its contents, and sizes are those of the server.
  const lines = out.split('\n').map((line) => line.replace(/[\d.]+ (B|KiB)(?= )/, 'SIZE').split(/ {2,}/));
  expect(lines).toEqual([
    'STATION|PARTITIONS|RETENTION|STORAGE|SCHEMA|DEAD LETTERS|MESSAGES|SIZE|GROUPS|OWNER|TAGS'.split('|'),
    ['orders.dead', '1', '1 h', 'disk', '0', 'SIZE', '0'],
    [
      ...['orders.eu', '2', '100,000 messages', 'memory', 'order v1', 'orders.dead', '6', 'SIZE', '1'],
      ...['shop/orders/eu', 'default, odd', '[31mtag, team:shop'],
    ],
    [''],
    ['STATION', 'CONSUMER GROUP', 'BACKLOG'],
    ['orders.eu', 'billing.eu', '5'],
    [''],
    ['SCHEMA', 'TYPE', 'VERSION', 'STATIONS'],
    ['order', 'json', '1', '1'],
    [''],
  ]);
  const starts = (text: string): number[] => out.split('\n').map((line) => line.indexOf(text));
  expect(starts('DEAD LETTERS')[0]).toBe(starts('orders.dead  ')[2]);
  expect(err).toBe(`${broker.host}:${broker.port}: 2 stations, 1 schema, 6 messages.\n`);
});

test('json has every field of the model, and --tag chooses stations and the schemas that they enforce', async () => {
  const { out, code } = await run(['list', '--format', 'json', '--tag', 'Team:Shop']);
  expect(code).toBe(0);
  const listing = JSON.parse(out) as Listing;
  expect(listing).toEqual({
    version: 1,
    broker: {
      address: `${broker.host}:${broker.port}`,
      restAddress: broker.restUrl,
      serverVersion: broker.version,
    },
    stations: [
      {
        name: 'orders.eu',
        retentionType: 'messages',
        retentionValue: 100_000,
        storageType: 'memory',
        replicas: 1,
        idempotencyWindowMs: 120_000,
        sendPoisonMsgToDls: true,
        sendSchemaFailedMsgToDls: true,
        dlsStation: 'orders.dead',
        tieredStorageEnabled: false,
        tags: ['default', 'odd\n\u001b[31mtag', 'team:shop'],
        isNative: true,
        intact: true,
        partitions: [
          { number: 1, messages: expect.any(Number) as number, bytes: expect.any(Number) as number },
          { number: 2, messages: expect.any(Number) as number, bytes: expect.any(Number) as number },
        ],
        messages: 6,
        bytes: expect.any(Number) as number,
        consumerGroups: 1,
        schemaName: 'order',
        schemaVersion: 1,
        owner: 'shop/orders/eu',
      },
    ],
    schemas: [{ name: 'order', type: 'json', version: 1, stations: ['orders.eu'] }],
    // Only stations have tags.
    users: [],
    orphanStreams: [],
  });
});

test('users are listed with what they may do, and without their passwords', async () => {
  const { out, err, code } = await run(['list', 'u-*']);
  expect(code).toBe(0);
  expect(out.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['USER', 'TYPE', 'READS', 'WRITES', 'DESCRIPTION'],
    ['u-app', 'application', 'a, b, c, d, e and 1 more', 'none'],
    ['u-free', 'application', 'all', 'all', 'anything'],
    ['u-ops', 'management'],
    [''],
  ]);
  expect(err).toBe(`${broker.host}:${broker.port}: 0 stations, 0 schemas, 3 users, 0 messages.\n`);
  const json = await run(['list', 'u-ops', '--format', 'json']);
  expect((JSON.parse(json.out) as Listing).users).toMatchObject([
    { name: 'u-ops', type: 'management', team: '' },
  ]);
});

test('what no name fits prints nothing and is no error', async () => {
  const { out, err, code } = await run(['list', 'nothing-*']);
  expect({ out, code }).toEqual({ out: '', code: 0 });
  expect(err).toContain('0 stations, 0 schemas');
});

test('names and tags that nothing has are named on stderr, with what is there', async () => {
  const { out, err, code } = await run(['list', 'nothing-*', '--tag', 'team:none']);
  expect({ out, code }).toEqual({ out: '', code: 0 });
  const [, hint] = err.trimEnd().split('\n');
  expect(hint).toBe(
    'Nothing matches "nothing-*", the tag "team:none". 43 stations, 2 schemas and 3 users are there: list them with cdktf-memphis list.',
  );
});

test.each([
  ['a port that nothing listens on', { MEMPHIS_PORT: '1' }, 'Check MEMPHIS_HOST and MEMPHIS_PORT', 3],
  ['a REST API that is down', { MEMPHIS_REST_URL: 'http://127.0.0.1:1' }, 'Check MEMPHIS_REST_URL', 3],
  ['a wrong password', { MEMPHIS_PASSWORD: 'wrong' }, 'Check MEMPHIS_USERNAME', 3],
  ['an unset host', { MEMPHIS_HOST: '' }, 'MEMPHIS_HOST', 3],
])('%s ends it with its own exit code and one line', async (_what, environment, remedy, expected) => {
  const { out, err, code } = await run(['list'], environment);
  expect({ out, code }).toEqual({ out: '', code: expected });
  expect(err).toContain(remedy);
  expect(err.trimEnd()).not.toContain('\n');
  expect(err).not.toContain('wrong');
});

test('a reader that goes away ends it without a word', async () => {
  const { child, told, code } = startCommand(['list', '--format', 'json'], {
    env: { ...process.env, ...broker.environment(), CI: 'true' },
  });
  child.stdout.destroy();
  await code;
  expect(told.err).not.toMatch(/EPIPE|Error|could not/);
});
