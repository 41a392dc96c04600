import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { EnvironmentError, errorText } from '../model/errors';

/** The options of `init`. */
export interface InitOptions {
  readonly ci?: 'github' | 'gitlab';
}

interface Manifest {
  readonly version: string;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const packageFolder = path.join(__dirname, '../..');
const templates = path.join(packageFolder, 'templates');

/** Where each template goes. npm renames a `.gitignore` in an archive, so it has another name there. */
const projectTemplates: Readonly<Record<string, string>> = {
  'main.ts': 'project/main.ts',
  'orders-stack.ts': 'project/orders-stack.ts',
  'order.schema.json': 'project/order.schema.json',
  'cdktf.json': 'project/cdktf.json',
  'tsconfig.json': 'project/tsconfig.json',
  '.gitignore': 'project/gitignore',
  'README.md': 'project/README.md',
};

const pipelineTemplates: Readonly<Record<NonNullable<InitOptions['ci']>, Readonly<Record<string, string>>>> =
  {
    github: {
      '.github/workflows/deploy.yml': 'github/deploy.yml',
      '.github/workflows/drift.yml': 'github/drift.yml',
    },
    gitlab: { '.gitlab-ci.yml': 'gitlab/gitlab-ci.yml' },
  };

/**
 * Writes a project into a folder. A file that is there already is never touched.
 * @throws EnvironmentError that lists the files in the way
 */
export async function makeProject(folder: string, { ci }: InitOptions): Promise<void> {
  const target = path.resolve(folder);
  const name = packageName(path.basename(target));
  const files = projectFiles({ name, projectId: randomUUID() }, ci);
  await writeAll(target, files);
  const list = Object.keys(files).map((file) => `  ${file}\n`);
  process.stdout.write(`Made a project in ${target}:\n${list.join('')}`);
  process.stderr.write(nextSteps(folder));
}

/** What differs from project to project. */
interface ProjectValues {
  readonly name: string;
  readonly projectId: string;
}

/** The content of each file of a project, by path. */
export function projectFiles(values: ProjectValues, ci?: InitOptions['ci']): Record<string, string> {
  const files: Record<string, string> = { 'package.json': packageJson(values.name) };
  const from = { ...projectTemplates, ...(ci === undefined ? {} : pipelineTemplates[ci]) };
  for (const [file, template] of Object.entries(from)) {
    const text = readFileSync(path.join(templates, template), 'utf8');
    files[file] = text.replace(/\{\{(projectId|name)\}\}/g, (_, key: keyof ProjectValues) => values[key]);
  }
  return files;
}

async function writeAll(target: string, files: Readonly<Record<string, string>>): Promise<void> {
  const attempted = `make a project in ${target}`;
  const inTheWay = Object.keys(files).filter((file) => existsSync(path.join(target, file)));
  if (inTheWay.length > 0) {
    const [what, them] =
      inTheWay.length === 1 ? ['a file is', 'it'] : [`${inTheWay.length} files are`, 'them'];
    throw new EnvironmentError({
      attempted,
      found: `${what} in the way: ${inTheWay.join(', ')}; nothing was written`,
      next: `Name another folder, or move ${them} away`,
    });
  }
  try {
    for (const [file, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(target, file)), { recursive: true });
      await writeFile(path.join(target, file), text, { flag: 'wx' });
    }
  } catch (error) {
    const next = 'Name a folder that this user can write to';
    throw new EnvironmentError({ attempted, found: errorText(error), next, cause: error });
  }
}

/** With the versions that this package is tested with; of constructs no later line, as npm compares it with the peers of cdktn, too. */
function packageJson(name: string): string {
  const { version, devDependencies } = JSON.parse(
    readFileSync(path.join(packageFolder, 'package.json'), 'utf8'),
  ) as Manifest;
  const tested = (names: readonly string[]): Record<string, string> =>
    Object.fromEntries(names.map((each) => [each, devDependencies[each] ?? '*']));
  const manifest = {
    name,
    version: '0.0.0',
    private: true,
    engines: { node: '20 || 22' },
    scripts: {
      check: 'tsc',
      synth: 'cdktf synth',
      diff: 'cdktf diff orders',
      deploy: 'cdktf deploy orders',
      destroy: 'cdktf destroy orders',
    },
    dependencies: {
      ...tested(['@cdktf/provider-null', 'cdktf']),
      'cdktf-memphis': `^${version}`,
      constructs: (devDependencies.constructs ?? '*').replace('^', '~'),
    },
    devDependencies: tested(['@types/node', 'cdktf-cli', 'tsx', 'typescript']),
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** A name that npm takes. */
function packageName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+|[._-]+$/g, '');
  return name === '' ? 'memphis-stacks' : name;
}

function nextSteps(folder: string): string {
  const lines = [
    ...(path.resolve(folder) === process.cwd() ? [] : [`cd ${shellWord(folder)}`]),
    'npm install',
    'npx cdktf-memphis broker start --detach',
    'export MEMPHIS_HOST=127.0.0.1 MEMPHIS_USERNAME=root MEMPHIS_PASSWORD=memphis',
    'npx cdktf deploy orders',
  ];
  return `\nTo deploy it to a broker on this machine:\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

function shellWord(text: string): string {
  return /^[\w./@%+=:~-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
