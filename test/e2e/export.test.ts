import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import ts from 'typescript';
import { canonicalStation } from '../../src/model/station';
import type { ExportWarning } from '../../src/runtime/export';
import { exportBroker, exportedKinds, writeFiles } from '../../src/runtime/export';
import { brokerContent, fillBroker, withPrefix } from '../support/broker-content';
import { Deployment } from '../support/deployment';
import { publish } from '../support/publish';
import { many, seed } from '../support/random';
import { Stack } from '../support/stack';
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

/** What the compiler says with the strictest settings that a user may have. */
function compilerProblems(folder: string): string[] {
  const program = ts.createProgram([join(folder, 'memphis/main.ts')], {
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
  });
  const own = program.getSourceFiles().filter(({ fileName }) => fileName.includes('/export-'));
  expect(own.length).toBeGreaterThan(1);
  return own
    .flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

/** Exports, compiles and synthesises the objects of such names, and initialises the stack. */
async function exportedStack(filter: string): Promise<{ warnings: readonly ExportWarning[]; stack: Stack }> {
  const { files, warnings } = await exportBroker(deployment.admin, {
    filter: [filter],
    kinds: new Set(exportedKinds),
    withImports: true,
    withOwned: false,
    split: 'none',
    stackName: 'memphis',
  });
  const folder = project(files);
  expect(compilerProblems(folder)).toEqual([]);
  await run(process.execPath, ['--import', 'tsx', 'memphis/main.ts'], folder);
  const stack = Stack.open(join(folder, 'cdktf.out/stacks/memphis'), deployment.environment);
  expect((await stack.terraform.init()).code).toBe(0);
  return { warnings, stack };
}

test('random content is exported, compiles, is taken over by one deploy, and then nothing differs', async () => {
  const samples = fc.sample(brokerContent(9, 5), { numRuns: many(1), seed });
  for (const [index, sample] of samples.entries()) {
    const prefix = `r${index}-`;
    const content = withPrefix(sample, prefix);
    await fillBroker(deployment.admin, content);
    for (const { declaration, messages } of content.stations)
      await publish(deployment.broker, declaration.name, messages, declaration.partitionsNumber);
    const before = await deployment.everything();

    const { warnings, stack } = await exportedStack(`${prefix}*`);
    expect(warnings).toEqual([]);
    expect(await stack.plan()).toMatchObject({ code: 2, errors: [], warnings: [] });
    const changes = Object.values(await stack.changes());
    const enforcements = content.stations.filter(({ schema }) => schema !== undefined).length;
    expect(changes).toHaveLength(9 + 5 + enforcements);
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
});

test('what no declaration can say stays as it is', async () => {
  const { admin } = deployment;
  for (const name of ['odd-a', 'odd-b', 'odd-unlimited'])
    await admin.createStation(
      canonicalStation({ name, idempotencyWindowMs: 7_200_000, retentionValue: 7_200 }),
    );
  await admin.attachDlsStation('odd-a', 'odd-b');
  await admin.attachDlsStation('odd-b', 'odd-a');
  const unlimited = await admin.readStream('odd-unlimited$1');
  if (unlimited === undefined) throw new Error('the station has no stream');
  await admin.updateStream({ ...unlimited.config, max_age: 0, max_msg_size: 4096 });
  await publish(deployment.broker, 'odd-unlimited', 3);
  const before = await deployment.everything();

  const { warnings, stack } = await exportedStack('odd-*');
  expect(warnings).toHaveLength(4);
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [], warnings: [] });
  expect(await stack.plan()).toMatchObject({ code: 0, errors: [], warnings: [] });
  expect(await deployment.everything()).toEqual(before);
});
