import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(__dirname, '../..');
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** What `npm pack` says about the archive that would be published. */
export interface PackedPackage {
  readonly filename: string;
  /** Bytes of the archive. */
  readonly size: number;
  /** Bytes of what is in it. */
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

interface Lock {
  name: string;
  version: string;
  readonly packages: Record<string, Manifest & { readonly version?: string; readonly inBundle?: true }>;
}

/** Runs a program to its end and gives what it printed; rejects, with all it printed, when it fails. */
export async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, args, { cwd, timeout: 60_000 });
    return stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(' ')} failed in ${cwd}\n${stdout ?? ''}${stderr ?? ''}`, {
      cause: error,
    });
  }
}

/** Writes files by their paths below a folder. */
export function writeFiles(folder: string, files: Readonly<Record<string, string | object>>): void {
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  }
}

/** Packs the built package, as publishing it would, into a folder. */
export async function pack(folder: string): Promise<PackedPackage> {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const [packed] = JSON.parse(await run(npm, args, root)) as PackedPackage[];
  if (packed === undefined) throw new Error('npm pack packed nothing');
  return packed;
}

/**
 * Installs an archive of the package, and other packages beside it, into an empty folder. npm takes the versions of
 * this repository's lock file, so that nothing has to be looked up, and leaves out everything that neither the archive
 * nor the others ask for.
 */
export async function installWithNpm(
  folder: string,
  archive: string,
  others: readonly string[],
): Promise<void> {
  const lock = readLock(join(root, 'package-lock.json'));
  const versions = others.map((name): [string, string] => [
    name,
    lock.packages[`node_modules/${name}`]?.version ?? 'missing',
  ]);
  const manifest = {
    name: 'project-of-a-user',
    version: '1.0.0',
    private: true,
    dependencies: { 'cdktf-memphis': `file:${archive}`, ...Object.fromEntries<string>(versions) },
  };
  lock.packages[''] = manifest;
  writeFiles(folder, {
    'package.json': manifest,
    'package-lock.json': { ...lock, name: manifest.name, version: manifest.version },
  });
  await run(
    npm,
    ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    folder,
  );
}

/**
 * Installs the dependencies of a pnpm workspace. It takes the packages themselves from a folder that npm has filled,
 * and lays them out as pnpm does, with nothing hoisted: a package sees what it names in its manifest, and nothing else.
 */
export async function installWithPnpm(
  workspace: string,
  members: readonly string[],
  filledByNpm: string,
): Promise<void> {
  const { packages } = readLock(join(filledByNpm, 'node_modules/.package-lock.json'));
  const installed = Object.entries(packages).filter(([, { inBundle }]) => inBundle !== true);
  const overrides = installed.map(([path]): [string, string] => {
    const names = path.split('node_modules/').map((part) => part.replace(/\/$/, ''));
    return [names.slice(1).slice(-2).join('>'), `file:${join(filledByNpm, path)}`];
  });
  writeFiles(workspace, {
    'package.json': { name: 'workspace-of-a-user', private: true },
    // JSON is YAML too.
    'pnpm-workspace.yaml': {
      packages: members,
      hoist: false,
      overrides: Object.fromEntries<string>(overrides),
    },
  });
  const pnpm = join(root, 'node_modules/pnpm/bin/pnpm.cjs');
  const stores = ['--store-dir', join(workspace, '.store'), '--cache-dir', join(workspace, '.cache')];
  await run(process.execPath, [pnpm, 'install', '--offline', '--ignore-scripts', ...stores], workspace);
}

function readLock(file: string): Lock {
  return JSON.parse(readFileSync(file, 'utf8')) as Lock;
}
