import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import ts from 'typescript';
import { canonicalStation } from '../../src/model/station';
import type { StationDeclaration } from '../../src/model/station';
import type { UserDeclaration } from '../../src/model/user';
import { wantedUser } from '../../src/runtime/reconcile/user/live';
import type { ExportOptions, ExportWarning } from '../../src/runtime/export';
import { exportBroker, exportedKinds, writeFiles } from '../../src/runtime/export';
import type { BrokerContent } from '../support/broker-content';
import { brokerContent, fillBroker, withPrefix } from '../support/broker-content';
import { Deployment } from '../support/deployment';
import { publish } from '../support/publish';
import { many, seed } from '../support/random';
import type { Stack } from '../support/stack';
import { run } from '../support/user-project';

const root = resolve(__dirname, '../..');
/** Inside the project, so that generated programs find its packages. */
const cache = join(root, '.cache');
const folders: string[] = [];
const deployment = Deployment.forThisFile();

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A cdktf project with the exported program. */
function project(files: ReadonlyMap<string, string>): string {
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'export-'));
  folders.push(folder);
  const settings = {
    language: 'typescript',
    app: 'unused',
    projectId: 'exported',
    sendCrashReports: 'false',
  };
  writeFileSync(join(folder, 'cdktf.json'), JSON.stringify(settings));
  writeFiles(join(folder, 'memphis'), files, false);
  return folder;
}

/** The strictest settings that a user may have. */
const compilerOptions: ts.CompilerOptions = {
  module: ts.ModuleKind.CommonJS,
  moduleResolution: ts.ModuleResolutionKind.Node10,
  target: ts.ScriptTarget.ES2022,
  strict: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  skipLibCheck: true,
  types: ['node'],
  typeRoots: [join(root, 'node_modules/@types')],
  // What is built may be older than the source.
  paths: { 'cdktf-memphis': [join(root, 'src/index.ts')] },
};
const compilerHost = hostThatParsesOnce();

/** What every program imports is parsed for the first one only. */
function hostThatParsesOnce(): ts.CompilerHost {
  const host = ts.createCompilerHost(compilerOptions);
  const parsed = new Map<string, ts.SourceFile | undefined>();
  return {
    ...host,
    getSourceFile: (name, ...how) => {
      if (!parsed.has(name)) parsed.set(name, host.getSourceFile(name, ...how));
      return parsed.get(name);
    },
  };
}

function compilerProblems(folder: string): string[] {
  const program = ts.createProgram([join(folder, 'memphis/main.ts')], compilerOptions, compilerHost);
  const own = program.getSourceFiles().filter(({ fileName }) => fileName.includes('/export-'));
  expect(own.length).toBeGreaterThan(1);
  return own
    .flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

/** Exports objects of such names, and compiles and synthesises the program. @returns the folder of the project. */
async function exportedProject(
  filter: readonly string[],
  more: Partial<ExportOptions> = {},
): Promise<{ warnings: readonly ExportWarning[]; folder: string }> {
  const { files, warnings } = await exportBroker(deployment.admin, {
    filter,
    kinds: new Set(exportedKinds),
    withImports: true,
    withOwned: false,
    split: 'none',
    stackName: 'memphis',
    ...more,
  });
  const folder = project(files);
  expect(compilerProblems(folder)).toEqual([]);
  await run(process.execPath, ['--import', 'tsx', 'memphis/main.ts'], folder);
  return { warnings, folder };
}

/** The same for one stack, which is initialised. */
async function exportedStack(
  filter: readonly string[],
  more: Partial<ExportOptions> = {},
): Promise<{ warnings: readonly ExportWarning[]; stack: Stack }> {
  const { warnings, folder } = await exportedProject(filter, more);
  const stack = deployment.stackIn(join(folder, 'cdktf.out/stacks/memphis'));
  // For the backend alone, which cdktf declares; the provider runs already.
  expect((await stack.terraform.init()).code).toBe(0);
  return { warnings, stack };
}

/** Puts content on the broker, exports it, and deploys the export: nothing but owners may change. */
async function expectRoundTrip({ stations, schemas }: BrokerContent, ...filter: string[]): Promise<void> {
  await fillBroker(deployment.admin, { stations, schemas });
  for (const { declaration, messages } of stations)
    await publish(deployment.broker, declaration.name, messages, declaration.partitionsNumber);
  const before = await deployment.everything();

  const { warnings, stack } = await exportedStack(filter);
  expect(warnings).toEqual([]);
  expect(await stack.plan()).toMatchObject({ code: 2, errors: [], warnings: [] });
  const changes = Object.values(await stack.changes());
  const enforcements = stations.filter(({ schema }) => schema !== undefined).length;
  expect(changes).toHaveLength(stations.length + schemas.length + enforcements);
  // The owner is what a broker without declarations cannot know.
  for (const { actions, attributes } of changes) {
    expect(actions).toEqual(['update']);
    expect(Object.keys(attributes)).toContain('owner');
    expect(['owner', 'schema_uid', 'station_uid']).toEqual(expect.arrayContaining(Object.keys(attributes)));
  }
  expect(await stack.applyPlan()).toMatchObject({ code: 0, errors: [], warnings: [] });
  expect(await stack.plan()).toMatchObject({ code: 0, errors: [], warnings: [] });
  // Ids, settings of each stream, messages, versions of schemas.
  expect(await deployment.everything()).toEqual(before);
}

test('random content is exported, compiles, is taken over by one deploy, and then nothing differs', async () => {
  const samples = fc.sample(brokerContent(9, 5), { numRuns: many(1), seed });
  for (const [index, sample] of samples.entries()) {
    const prefix = `r${index}-`;
    await expectRoundTrip(withPrefix(sample, prefix), `${prefix}*`);
  }
});

test('names that TypeScript reserves or makes one, and that begin with a digit, survive the same way', async () => {
  const names = [
    'class',
    'await',
    'this',
    'station',
    'schema',
    'join',
    '2fa',
    '9.lives',
    'a.b',
    'a-b',
    'a_b',
    'a--b',
  ];
  const tags = ['日本語', 'Straße', '🦊', '${x}', '"', 'default2'];
  const schemas = ['enum', '3d', 'a.b', 'a-b', 'schema'].map((name) => ({
    name,
    type: 'json' as const,
    content: '{"type":"object"}',
    messageStructName: '',
  }));
  const stations = names.map((name, index) => ({
    declaration: { name, tags: [tags[index % tags.length] ?? ''] },
    // Each is named by another one, so that each needs a variable.
    deadLetters: index === 0 ? undefined : index - 1,
    schema: index % schemas.length,
    messages: index % 3,
  }));
  await expectRoundTrip({ stations, schemas }, ...names, ...schemas.map(({ name }) => name));
});

test('like stations are exported as sets, which one deploy takes over as they are', async () => {
  const { admin } = deployment;
  await admin.createSchema({ name: 'like-order', type: 'json', content: '{}', messageStructName: '' });
  const create = async (name: string, dlsStation?: string, more: Partial<StationDeclaration> = {}) => {
    await admin.createStation(canonicalStation({ name, ...more }));
    if (dlsStation !== undefined) await admin.attachDlsStation(name, dlsStation);
  };
  for (const name of ['like.dead-1', 'like.dead-2']) await create(name);
  const options = { retentionValue: 7200, partitionsNumber: 2 };
  for (const name of ['like.eu.a', 'like.eu.b', 'like.eu.c']) {
    await create(name, 'like.dead-2', options);
    await admin.addStationTags(name, ['eu']);
    await admin.attachSchema(name, 'like-order');
  }
  await create('like.alone', 'like.eu.b', options);
  await publish(deployment.broker, 'like.eu.a', 3, 2);
  const before = await deployment.everything();

  const { warnings, stack } = await exportedStack(['like*'], { withSets: true });
  expect(warnings).toEqual([]);
  const code = readFileSync(join(stack.directory, '../../../memphis/memphis-stack.ts'), 'utf8');
  expect(code).toContain(`
    const likeDeadStations = new StationSet(this, "like-dead-stations", {
      stations: ["like.dead-1", "like.dead-2"],
    });
    likeDeadStations.importFrom(likeDeadStations.stationNames.join(","));

    const likeEuStations = new StationSet(this, "like-eu-stations", {
      retentionValue: 2 * 60 * 60,
      partitionsNumber: 2,
      tags: ["default", "eu"],
      dlsStation: likeDeadStations.station("like.dead-2"),
      schemaName: likeOrderSchema,
      stations: ["like.eu.a", "like.eu.b", "like.eu.c"],
    });
`);
  expect(code).toContain('dlsStation: likeEuStations.station("like.eu.b")');
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [], warnings: [] });
  expect(await stack.plan()).toMatchObject({ code: 0, errors: [], warnings: [] });
  expect(await deployment.everything()).toEqual(before);
  const owners = await admin.ledger.list('enforcement');
  expect(owners.get('like.eu.a')?.owner).toMatch(/like-eu-stations$/);
});

test('stacks by prefix and by tag compile and synthesise, whatever the tags are', async () => {
  const { admin } = deployment;
  const tags = ['日本語', 'ünï', '2nd', 'class', 'Team Shop'];
  for (const [index, tag] of tags.entries()) {
    const name = `${index}x.split-${index}`;
    await admin.createStation(canonicalStation({ name }));
    await admin.addStationTags(name, [tag]);
    if (index > 0) await admin.attachDlsStation(name, `${index - 1}x.split-${index - 1}`);
  }
  for (const split of ['prefix', 'tag'] as const) {
    const { warnings, folder } = await exportedProject(['*x.split-*'], { split });
    expect(warnings).toEqual([]);
    expect(readdirSync(join(folder, 'cdktf.out/stacks'))).toHaveLength(tags.length);
  }
});

test('what no declaration can say stays as it is, except for settings that no station has by itself', async () => {
  const { admin } = deployment;
  for (const name of ['odd-a', 'odd-b', 'odd-unlimited'])
    await admin.createStation(
      canonicalStation({ name, idempotencyWindowMs: 7_200_000, retentionValue: 7_200 }),
    );
  await admin.attachDlsStation('odd-a', 'odd-b');
  await admin.attachDlsStation('odd-b', 'odd-a');
  const unlimited = await admin.readStream('odd-unlimited$1');
  if (unlimited === undefined) throw new Error('the station has no stream');
  const odd = { ...unlimited.config, max_age: 0, max_msg_size: 4096 };
  await admin.updateStream(odd);
  await publish(deployment.broker, 'odd-unlimited', 3);
  const before = await deployment.everything();

  const { warnings, stack } = await exportedStack(['odd-*']);
  expect(warnings).toHaveLength(4);
  expect(JSON.stringify(warnings)).toContain('max_msg_size = 4096. The next deploy sets them back');
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [], warnings: [] });
  expect(await stack.plan()).toMatchObject({ code: 0, errors: [], warnings: [] });
  const restored = await admin.readStream('odd-unlimited$1');
  expect(restored?.config).toMatchObject({ max_age: 0, max_msg_size: -1 });
  await admin.updateStream(odd);
  expect(await deployment.everything()).toEqual(before);
});

test('users are exported without their passwords, are taken over, and keep them', async () => {
  const { admin } = deployment;
  const password = 'Hush-4711-aA';
  const user = (name: string, values: Partial<UserDeclaration> = {}) =>
    admin.createUser({ ...wantedUser({ name, type: 'application', ...values }), password });
  await user('usr.billing', {
    allowReadPermissions: ['usr-orders', 'usr-.*'],
    description: 'reads ${orders}',
  });
  await user('usr-billing', { allowWritePermissions: ['usr-orders'] });
  await user('usr-ops', { type: 'management', team: 'ops' });
  const before = await admin.listUsers();

  const { warnings, stack } = await exportedStack(['usr*']);
  expect(warnings).toEqual([]);
  const code = readFileSync(join(stack.directory, '../../../memphis/memphis-stack.ts'), 'utf8');
  expect(code).toContain('passwordEnv: "USR_BILLING_PASSWORD",');
  expect(code).toContain('passwordEnv: "USR_BILLING_PASSWORD_2",');
  expect(code).not.toContain(password);
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [], warnings: [] });
  expect(await stack.plan()).toMatchObject({ code: 0, errors: [], warnings: [] });
  expect(await admin.listUsers()).toEqual(before);
  expect(await admin.canLogIn({ name: 'usr-ops', type: 'management', password })).toBe(true);
});

test('the settings of the broker are exported, and the deploy that takes them over changes none', async () => {
  const { admin } = deployment;
  const live = await admin.readClusterSettings();
  // The broker takes back no zero, which is what it shows of a setting that nobody has set.
  const set = { dls_retention: 5, logs_retention: 9, gc_producer_consumer_retention_hours: 24 };
  await admin.updateClusterSettings({ ...live, ...set });
  const before = await admin.readClusterSettings();
  const { warnings, stack } = await exportedStack(['no-such-*'], { withSettings: true });
  expect(warnings).toEqual([]);
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [], warnings: [] });
  expect(await stack.plan()).toMatchObject({ code: 0, errors: [], warnings: [] });
  expect(Object.keys(await stack.terraform.show())).toEqual([
    expect.stringMatching(/^memphis_cluster_config\./),
  ]);
  expect(await admin.readClusterSettings()).toEqual(before);
});
