import { readFile } from 'node:fs/promises';
import path from 'node:path';

import type { Check, CheckResult } from './check';

/** The ranges in the manifest of this package. */
export type PeerRanges = Readonly<Record<string, string>>;

interface Manifest {
  readonly version: string;
  readonly app?: string;
}

type Answer = Omit<CheckResult, 'id' | 'title'>;

/** Whether the packages of a project fit each other. */
export function packageChecks(folder: string, peers: PeerRanges): Check[] {
  const inProject = (run: () => Promise<Answer>) => async (): Promise<Answer> => {
    if ((await readJson(path.join(folder, 'package.json'))) !== undefined) return run();
    return {
      status: 'notChecked',
      found: `${folder} has no package.json.`,
      next: 'Run cdktf-memphis doctor in the folder of your stacks, or make one with cdktf-memphis init.',
    };
  };
  return [
    { id: 'cdktf', title: 'cdktf and constructs', run: inProject(() => frameworkAnswer(folder, peers)) },
    { id: 'provider-null', title: '@cdktf/provider-null', run: inProject(() => nullAnswer(folder, peers)) },
    { id: 'typescript', title: 'TypeScript', run: inProject(() => typescriptAnswer(folder)) },
  ];
}

async function frameworkAnswer(folder: string, peers: PeerRanges): Promise<Answer> {
  const names = ['cdktf', 'cdktn'];
  const versions = await Promise.all([...names, 'constructs'].map((name) => versionIn(folder, name)));
  const frameworks = names.flatMap((name, index) => {
    const version = versions[index];
    return version === undefined ? [] : [{ name, version }];
  });
  const constructs = versions[names.length];
  const install = 'npm install cdktf@0.21 constructs@10.7';
  if (frameworks.length === 0 || constructs === undefined) {
    const missing = [
      ...(frameworks.length === 0 ? ['cdktf'] : []),
      ...(constructs === undefined ? ['constructs'] : []),
    ];
    return { status: 'problem', found: `Not installed: ${missing.join(', ')}.`, next: `Run ${install}.` };
  }
  const { satisfies } = await import('semver');
  const all = [...frameworks, { name: 'constructs', version: constructs }];
  const misfits = all.filter(({ name, version }) => !satisfies(version, peers[name] ?? '*'));
  const shown = all.map(({ name, version }) => `${name} ${version}`).join(', ');
  if (misfits.length === 0) return { status: 'ok', found: `${shown}.` };
  const wanted = misfits.map(({ name }) => `${name} ${peers[name] ?? ''}`).join(', ');
  return {
    status: 'problem',
    found: `${shown} is installed; cdktf-memphis needs ${wanted}.`,
    next: `Run ${install}.`,
  };
}

async function nullAnswer(folder: string, peers: PeerRanges): Promise<Answer> {
  const version = await versionIn(folder, '@cdktf/provider-null');
  const next = 'Run npm install @cdktf/provider-null@11.';
  if (version === undefined) {
    return { status: 'warning', found: 'Not installed; the construct SmokeTest needs it.', next };
  }
  const { satisfies } = await import('semver');
  const range = peers['@cdktf/provider-null'] ?? '*';
  if (satisfies(version, range)) return { status: 'ok', found: `@cdktf/provider-null ${version}.` };
  return { status: 'problem', found: `@cdktf/provider-null ${version} does not fit ${range}.`, next };
}

async function typescriptAnswer(folder: string): Promise<Answer> {
  const version = await versionIn(folder, 'typescript');
  const { app = '' } = (await readJson(path.join(folder, 'cdktf.json'))) ?? { app: '' };
  const usesTsNode = /\bts-node\b/.test(app);
  if (version === undefined) {
    return usesTsNode
      ? {
          status: 'problem',
          found: 'Not installed; the app in cdktf.json runs ts-node, which needs it.',
          next: 'Run npm install --save-dev typescript@5.',
        }
      : { status: 'notChecked', found: 'Not installed; a stack in JavaScript does not need it.' };
  }
  const { major } = await import('semver');
  if (major(version) < 7) return { status: 'ok', found: `TypeScript ${version}.` };
  if (usesTsNode) {
    return {
      status: 'problem',
      found: `TypeScript ${version} is installed; ts-node, which the app in cdktf.json runs, fails with TypeScript 7.`,
      next: 'Run npm install --save-dev typescript@5, or set "app" in cdktf.json to "npx tsx main.ts".',
    };
  }
  return { status: 'ok', found: `TypeScript ${version}; the app in cdktf.json does not run ts-node.` };
}

/** The version of a package as Node finds it from a folder; undefined when it finds none. */
async function versionIn(folder: string, name: string): Promise<string | undefined> {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    const manifest = await readJson(path.join(at, 'node_modules', name, 'package.json'));
    if (manifest !== undefined) return manifest.version;
    if (at === path.dirname(at)) return undefined;
  }
}

async function readJson(file: string): Promise<Manifest | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Manifest;
  } catch {
    return undefined;
  }
}
