import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { connect } from 'nats';
import { resolveConnection } from '../../../src/model/connection';
import { Retention } from '../../../src/model/retention';
import { canonicalStation } from '../../../src/model/station';
import { Storage } from '../../../src/model/storage';
import type { StationDeclaration } from '../../../src/model/station';
import type { Admin, StreamConfig } from '../../../src/runtime/admin';
import { connectAdmin } from '../../../src/runtime/admin';
import { LocalBroker } from '../../../src/runtime/broker';
import type { Export, ExportOptions } from '../../../src/runtime/export';
import { exportBroker, exportedKinds, writeFiles } from '../../../src/runtime/export';
import { whyNotDeclarable } from '../../../src/runtime/export/schema';
import { planExport } from '../../../src/runtime/export/plan-export';
import { select } from '../../../src/runtime/export/select';
import { stackFile } from '../../../src/runtime/export/stack-file';
import { takeInventory } from '../../../src/runtime/inventory';
import { wantedUser } from '../../../src/runtime/reconcile/user/live';
import { brokerContent, fillBroker, withPrefix } from '../../support/broker-content';
import { many, seed } from '../../support/random';

const root = resolve(__dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'cdktf-memphis-export-'));
let broker: LocalBroker;
let admin: Admin;

beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory' });
  admin = await connectAdmin(resolveConnection({}, broker.environment()));
});

afterAll(async () => {
  await admin.close();
  await broker.stop();
  rmSync(folder, { recursive: true, force: true });
});

function exported(filter: string, options: Partial<ExportOptions> = {}): Promise<Export> {
  return exportBroker(admin, {
    filter: [filter],
    kinds: new Set(exportedKinds),
    withImports: false,
    withOwned: false,
    split: 'none',
    stackName: 'memphis',
    ...options,
  });
}

async function station(declaration: StationDeclaration, schema?: string): Promise<void> {
  await admin.createStation(canonicalStation(declaration));
  if (declaration.tags !== undefined) await admin.addStationTags(declaration.name, declaration.tags);
  if (schema !== undefined) await admin.attachSchema(declaration.name, schema);
}

async function schema(name: string, content = '{"type":"object"}'): Promise<void> {
  await admin.createSchema({ name, type: 'json', content, messageStructName: '' });
}

/** The code of the only stack. */
const codeOf = ({ files }: Export): string => files.get('memphis-stack.ts') ?? '';

async function changeStream(name: string, change: Partial<StreamConfig>): Promise<void> {
  const stream = await admin.readStream(name);
  if (stream !== undefined) await admin.updateStream({ ...stream.config, ...change });
}

test('the settings of the broker are exported without those that nobody has set, and left out where they are owned', async () => {
  const whole = { withSettings: true, withImports: true };
  const set = { dls_retention: 48, logs_retention: 7, gc_producer_consumer_retention_hours: 3, ui_host: '' };
  await admin.updateClusterSettings({ ...(await admin.readClusterSettings()), ...set });
  const isShown = async (): Promise<boolean> => (await admin.readClusterSettings()).dls_retention === 48;
  while (!(await isShown())) await new Promise((resolve) => setTimeout(resolve, 20));
  const code = codeOf(await exported('no-such-object', whole));
  expect(code).toContain('import { ClusterConfig, MemphisProvider } from "cdktf-memphis";');
  expect(code).toMatch(
    /new ClusterConfig\(this, "settings", \{\n +dlsRetentionHours: 48,[^}]*\n +maxMsgSizeMb: \d+,/,
  );
  expect(code).toContain('}).importFrom("settings");');
  expect(code).not.toMatch(/: (0|""),/);
  expect(codeOf(await exported('*'))).not.toContain('ClusterConfig');
  await admin.ledger.write('cluster', 'settings', { owner: 'a/b/c', state: 'complete', uid: 'settings' });
  const { leftOut, files } = await exported('no-such-object', whole);
  expect(leftOut.join()).toContain('the settings of the broker, which a/b/c owns');
  expect([...files.values()].join()).not.toContain('ClusterConfig');
  await admin.ledger.remove('cluster', 'settings', 'a/b/c');
});

test('a small broker becomes the program that is in golden/shop.txt', async () => {
  await schema('shop.order', '{"type":"object","properties":{"id":{"type":"string"}}}');
  await station({ name: 'shop.zz-dead' });
  await station(
    {
      name: 'Shop.Orders',
      retentionValue: 7 * 24 * 60 * 60,
      partitionsNumber: 3,
      dlsStation: 'shop.zz-dead',
      tags: ['team:shop', 'a "tag" with ${x}'],
    },
    'shop.order',
  );
  await station({
    name: 'shop.cache',
    retentionType: Retention.BYTES,
    retentionValue: 512 * 1024 * 1024,
    storageType: Storage.MEMORY,
    idempotencyWindowMs: 60_000,
    sendPoisonMsgToDls: false,
  });
  const plain = await exported('shop.*');
  const imported = await exported('shop.*', { withImports: true });
  const text = [...plain.files, ['memphis-stack.ts with --import', codeOf(imported)] as const]
    .map(([name, content]) => `--- ${name}\n${content}`)
    .join('\n');
  const golden = join(__dirname, 'golden/shop.txt');
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(golden, text);
  expect(text).toBe(readFileSync(golden, 'utf8'));
  expect([plain.warnings, plain.leftOut]).toEqual([[], []]);
});

test('the code of random brokers is formatted as prettier would, in one stack and in several', async () => {
  const samples = fc.sample(brokerContent(15, 6), { numRuns: many(2), seed });
  for (const [index, sample] of samples.entries()) {
    const prefix = index % 2 === 0 ? `p${index}-` : `a.longer_${index}-`;
    await fillBroker(admin, withPrefix(sample, prefix));
    const name = (number: number): string => `${prefix}like-${'a'.repeat(number * 3)}.${number}`;
    for (const number of [1, 4, 5, 9]) {
      const [retentionValue, dead] = number < 5 ? [60] : [120, name(4)];
      await station({
        name: name(number),
        retentionValue,
        ...(dead === undefined ? {} : { dlsStation: dead }),
      });
    }
    const sets = await exported(`${prefix}*`, { withSets: true, withImports: index % 2 === 0 });
    expect(codeOf(sets).match(/new StationSet\(/g)?.length).toBeGreaterThanOrEqual(2);
    writeFiles(join(folder, `sets-${index}`), sets.files, false);
    for (const split of ['none', 'prefix', 'tag'] as const) {
      const { files } = await exported(`${prefix}*`, { split, withImports: index % 2 === 0 });
      writeFiles(join(folder, `${split}-${index}`), files, false);
    }
  }
  const prettier = join(root, 'node_modules/prettier/bin/prettier.cjs');
  const args = [prettier, '--no-config', '--list-different', join(folder, '**/*.ts')];
  expect(execFileSync(process.execPath, args, { encoding: 'utf8', cwd: folder })).toBe('');
});

test('a circle of dead-letter stations is cut at one station, which the stack leaves as it is', async () => {
  for (const name of ['circle-a', 'circle-b', 'circle-c']) await station({ name });
  await admin.attachDlsStation('circle-a', 'circle-b');
  await admin.attachDlsStation('circle-b', 'circle-c');
  await admin.attachDlsStation('circle-c', 'circle-a');
  const found = await exported('circle-*');
  expect(found.warnings).toEqual([
    {
      object: 'station "circle-c"',
      text: expect.stringMatching(
        /"circle-a" closes a circle .*The stack leaves dlsStation as it is\.$/,
      ) as string,
    },
  ]);
  expect(codeOf(found)).toMatch(
    /\/\/ Its dead-letter station "circle-a" closes[^]*const circleC = new Station\(this, "circle-c", \{\n.*\n {6}lifecycle: \{ ignoreChanges: \["dls_station"\] \},[^]*dlsStation: circleC,[^]*dlsStation: circleB,/,
  );
});

test('what somebody changed by hand on a stream is said in the code and in a warning', async () => {
  await station({ name: 'hand', partitionsNumber: 2 });
  await station({ name: 'hand-unlimited' });
  await station({ name: 'hand-limits' });
  await changeStream('hand$2', { max_age: 7_200_000_000_000, max_msg_size: 1024 });
  await changeStream('hand-unlimited$1', { max_age: 0 });
  await changeStream('hand-limits$1', { max_msgs: 10, subjects: ['hand-limits$1.>', 'other.subject'] });
  const found = await exported('hand*');
  const texts = found.warnings.map(({ object, text }) => `${object}: ${text}`);
  expect(texts).toEqual([
    'station "hand": Partition 2 has other settings than the first one: retentionValue = 7200. The next deploy makes all partitions like the first.',
    'station "hand": Partition 2 has stream settings that a declaration cannot hold: max_msg_size = 1024. The next deploy sets them back.',
    'station "hand-limits": Partition 1 has a further limit, max_msgs = 10. The next deploy removes it.',
    'station "hand-limits": Partition 1 also takes messages from other.subject. The next deploy ends that.',
    expect.stringMatching(
      /^station "hand-unlimited": On the broker retentionValue is 0; .*The stack leaves retentionValue as it is\.$/,
    ),
  ]);
  const code = codeOf(found).replace(/\n\s*\/\/ /g, ' ');
  for (const { text } of found.warnings) expect(code).toContain(text);
  expect(codeOf(found)).toContain('lifecycle: { ignoreChanges: ["retention_value"] }');
});

test('what cannot be declared is left out with a warning', async () => {
  const nats = await connect({
    servers: `${broker.host}:${broker.port}`,
    user: 'root',
    pass: 'memphis',
    name: 'a plain client',
  });
  await (await nats.jetstreamManager()).streams.add({ name: 'out-plain', subjects: ['out.plain'] });
  await nats.close();
  await station({ name: 'out-station' });
  const found = await exported('out-*');
  expect(found.warnings).toEqual([
    {
      object: 'station "out-plain"',
      text: expect.stringMatching(/^Left out: .*plain NATS client/) as string,
    },
  ]);
  expect(codeOf(found)).not.toContain('out-plain');
});

test('a schema that synth would refuse is left out, and named by fromName where a station enforces it', async () => {
  const long = 'bad-with-a-name-that-only-sdks-can-give';
  await schema('bad-json');
  await station({ name: 'bad-one' }, 'bad-json');
  const options = {
    filter: ['bad-*'],
    kinds: new Set(exportedKinds),
    withImports: false,
    withOwned: false,
    split: 'none',
    stackName: 'memphis',
  } as const;
  // REST checks names and contents, SDKs can do more: so both are put in here.
  const read = await takeInventory(admin);
  const inventory = {
    ...read,
    schemas: [...read.schemas, { name: long, type: 'json' as const, version: 1, stations: [] }],
  };
  const selection = select(inventory, options);
  const texts = selection.schemas.map((each) => ({ ...each, content: '{"type":7}', messageStructName: '' }));
  const { warnings, stacks } = planExport(inventory, selection, texts, options);
  expect(warnings).toEqual([
    {
      object: 'schema "bad-json"',
      text: expect.stringMatching(/^Left out: its content is not valid: .*\.$/) as string,
    },
    {
      object: `schema "${long}"`,
      text: expect.stringMatching(/^Left out: its name is longer than 32 bytes/) as string,
    },
  ]);
  expect(stacks.map((stack) => stackFile(stack, { withImports: false })).join()).toMatch(
    /Schema\.fromName\(this, "bad-json", "bad-json"\)[^]*badOne\.enforce\(badJsonSchema\);/,
  );
});

test('what others own, and what every broker has, is left out unless it is asked for', async () => {
  await schema('own-schema');
  await station({ name: 'own-dead' });
  await station({ name: 'own-station', dlsStation: 'own-dead' }, 'own-schema');
  const rows = new Map((await admin.listStations()).map(({ name, id }) => [name, String(id)]));
  const owner = { owner: 'shop/orders/x', state: 'complete' } as const;
  await admin.ledger.write('station', 'own-dead', { ...owner, uid: rows.get('own-dead') ?? '' });
  const schemaId = (await admin.listSchemas()).find(({ name }) => name === 'own-schema')?.id;
  await admin.ledger.write('schema', 'own-schema', { ...owner, uid: String(schemaId) });

  const found = await exported('own-*');
  expect(found.leftOut).toEqual([
    '2 objects that another declaration owns: station "own-dead" (shop/orders/x), schema "own-schema" (shop/orders/x); --include-owned exports them, too',
  ]);
  const code = codeOf(found);
  expect(code).toContain('const ownDead = Station.fromName(this, "own-dead", "own-dead");');
  expect(code).toContain('const ownSchema = Schema.fromName(this, "own-schema", "own-schema");');
  expect(code).toContain('dlsStation: ownDead,');
  expect(code).toContain('ownStation.enforce(ownSchema);');

  const all = await exported('own-*', { withOwned: true, withImports: true });
  expect(all.leftOut).toEqual([]);
  expect(codeOf(all).match(/adoptExisting: true/g)).toHaveLength(2);

  expect((await exported('def*')).leftOut).toEqual([expect.stringContaining('station "default"')]);
  const named = await exported('default');
  expect(codeOf(named)).toContain('new Station(this, "default", { name: "default" })');
});

test('stations are split by prefix or tag; schemas go with them, and stacks wait for what they name', async () => {
  await schema('split-shared');
  await schema('split-a-own');
  await station({ name: 'zb_dead', tags: ['split'] });
  await station({ name: 'za.orders', dlsStation: 'zb_dead', tags: ['split', 'b'] }, 'split-a-own');
  await station({ name: 'za.more', tags: ['split'] }, 'split-shared');
  await station({ name: 'zb_more', tags: ['split'] }, 'split-shared');
  const byPrefix = await exported('{za,zb,split-}*', { split: 'prefix', stackName: 'shared' });
  expect([...byPrefix.files.keys()]).toEqual([
    'main.ts',
    'schemas/split-a-own.json',
    'schemas/split-shared.json',
    'shared-stack.ts',
    'za-stack.ts',
    'zb-stack.ts',
  ]);
  const main = byPrefix.files.get('main.ts') ?? '';
  expect(main).toContain('za.addDependency(shared);\nza.addDependency(zb);\nzb.addDependency(shared);');
  expect(byPrefix.files.get('za-stack.ts')).toContain('Station.fromName(this, "zb_dead", "zb_dead")');
  expect(byPrefix.files.get('za-stack.ts')).toContain('name: "split-a-own"');

  const byTag = await exported('{za,zb}*', { split: 'tag' });
  const stations = byTag.stacks.map(({ name, stations: own }) => [name, own.map((each) => each.name)]);
  expect(stations).toEqual([
    ['b', ['za.orders']],
    ['split', ['za.more', 'zb_dead', 'zb_more']],
  ]);
});

test('--only leaves kinds out, and what is left names them by fromName', async () => {
  await schema('only-schema');
  await station({ name: 'only-station' }, 'only-schema');
  const stations = codeOf(await exported('only-*', { kinds: new Set(['station']) }));
  expect(stations).not.toMatch(/Schema|enforce/);
  const schemas = codeOf(await exported('only-*', { kinds: new Set(['schema']) }));
  expect(schemas).not.toContain('Station');
  const linked = codeOf(await exported('only-*', { kinds: new Set(['station', 'enforcement']) }));
  expect(linked).toContain('Schema.fromName(this, "only-schema", "only-schema")');
  expect(linked).toContain('onlyStation.enforce(onlySchema);');
});

test('--only user exports users alone, with the stations that their lists name as they are', async () => {
  const values = { name: 'only-user', type: 'application', allowReadPermissions: ['only-station'] } as const;
  await admin.createUser({ ...wantedUser(values), password: 'Abc123!@#x' });
  const { stacks, files } = await exported('only-*', { kinds: new Set(['user']), split: 'prefix' });
  expect(stacks.map(({ name, stations, users }) => [name, stations.length, users.length])).toEqual([
    ['memphis', 0, 1],
  ]);
  expect(files.get('memphis-stack.ts')).toContain(`    new User(this, "only-user", {
      name: "only-user",
      type: "application",
      allowReadPermissions: ["only-station"],
      passwordEnv: "ONLY_USER_PASSWORD",
    });`);
  expect(codeOf(await exported('only-*', { kinds: new Set(['station']) }))).not.toContain('User');
  await admin.removeUser('only-user');
});

test.each(['../../outside', '/etc/outside', 'a/b', '..'])(
  'a schema whose name leads out of the folder is left out: %s',
  (name) => {
    const text = { name, type: 'json' as const, content: '{}', messageStructName: '', stations: [] };
    expect(whyNotDeclarable(text as never)).toMatch(/^its name is not valid: /);
    expect(whyNotDeclarable({ ...text, name: 'a.b' } as never)).toBeUndefined();
  },
);
