import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { clauses } from '../../../model/error-text';
import type { ConnectionError } from '../../../model/errors';
import { EnvironmentError } from '../../../model/errors';
import { makeFolder } from '../make-folder';
import type { ServerConfiguration } from './configuration';
import { serverConfiguration } from './configuration';
import type { NatsServerExecutable } from './executable';
import { startWatchdog } from './watchdog';

const START_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 5_000;
const PORTS_POLL_MS = 4;
const KEPT_LOG_LINES = 40;

/** A running nats-server that belongs to this process. */
export interface ServerProcess {
  readonly pid: number;
  readonly port: number;
  /** Settles when the server has ended, for whatever reason. The value is its last words. */
  readonly ended: Promise<string>;
  /** Ends the server; waits until it is gone. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

/** Another program took a port between its choice and the start of the server. */
export class PortTakenError extends EnvironmentError {}

/**
 * Starts nats-server and waits until it accepts clients. It ends with this process, however that ends.
 * @param runFolder a private folder for its configuration; removed with the server.
 * @param leftovers the folder to remove when this process is killed and cannot do it.
 * @throws PortTakenError when a port of it is in use, EnvironmentError when it does not start.
 */
export async function startServerProcess(
  executable: NatsServerExecutable,
  configuration: ServerConfiguration,
  runFolder: string,
  leftovers: string,
  log: (line: string) => void,
): Promise<ServerProcess> {
  await makeFolder(runFolder);
  const configurationFile = path.join(runFolder, 'nats-server.conf');
  await writeFile(configurationFile, serverConfiguration(configuration, runFolder), { mode: 0o600 });
  const child = spawn(executable.path, ['--config', configurationFile, '--ports_file_dir', runFolder], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // Its own process group: Ctrl-C in a terminal must reach us first, so that we can stop it in order.
    detached: true,
  });
  const lastLines: string[] = [];
  const ended = watch(child, lastLines, log);
  const pid = child.pid;
  const watchdog = pid === undefined ? undefined : startWatchdog(pid, leftovers);
  const killNow = (): void => void child.kill('SIGKILL');
  process.once('exit', killNow);
  const exited = ended.then(async (words) => {
    process.removeListener('exit', killNow);
    watchdog?.stop();
    await rm(runFolder, { recursive: true, force: true });
    return words;
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    const patience = new AbortController();
    const tooLong = delay(STOP_TIMEOUT_MS, 'late' as const, { signal: patience.signal }).catch(
      () => 'late' as const,
    );
    if ((await Promise.race([exited, tooLong])) === 'late') child.kill('SIGKILL');
    patience.abort();
    await exited;
  };

  let port: number | undefined;
  try {
    port = await portOf(runFolder, ended);
  } catch (error) {
    await end('SIGKILL');
    throw error;
  }
  if (port === undefined || pid === undefined) {
    const words = await exited;
    throw startError(configuration, executable, words);
  }
  return { pid, port, ended: exited, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

/** Collects what the server says, and settles when it has ended. */
function watch(child: ChildProcess, lastLines: string[], log: (line: string) => void): Promise<string> {
  let rest = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      lastLines.push(line);
      if (lastLines.length > KEPT_LOG_LINES) lastLines.shift();
      log(line);
    }
  });
  return new Promise((resolve) => {
    const settle = (words: string): void => resolve(words);
    child.once('error', (error) => settle(error.message));
    child.once('close', () => settle([...lastLines, rest].join('\n')));
  });
}

/** The port the server tells in its ports file; undefined when it ended instead. */
async function portOf(runFolder: string, ended: Promise<unknown>): Promise<number | undefined> {
  const state = { isGone: false };
  void ended.then(() => (state.isGone = true));
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (state.isGone) return undefined;
    const file = (await readdir(runFolder)).find((name) => name.endsWith('.ports'));
    if (file !== undefined) {
      const text = await readFile(path.join(runFolder, file), 'utf8');
      // The file may be seen while it is being written.
      const port = /"nats":\s*\[\s*"(?:nats|tls):\/\/[^"]*:(\d+)"/.exec(text)?.[1];
      if (port !== undefined) return Number(port);
    }
    await delay(PORTS_POLL_MS);
  }
  throw new EnvironmentError({
    attempted: 'start nats-server',
    found: `it did not tell its port within ${START_TIMEOUT_MS / 1000} s`,
    next: 'Look at the load of this machine, then try again.',
  });
}

const IN_USE = /address already in use/i;
/** Process id, date and time. */
const LINE_START = /^\[\d+\] \S+ \S+ /;

function startError(
  { host, port }: ServerConfiguration,
  executable: NatsServerExecutable,
  words: string,
): ConnectionError | EnvironmentError {
  if (IN_USE.test(words)) {
    return new PortTakenError({
      attempted: `start a nats-server of the broker on ${host}${port === 0 ? '' : `:${port}`}`,
      found:
        words
          .split('\n')
          .find((line) => IN_USE.test(line))
          ?.replace(LINE_START, '') ?? words,
      next: 'Another program took a port just before; start the broker again.',
    });
  }
  const errorLines = words
    .split('\n')
    .filter((line) => /\[(FTL|ERR)\]|^nats-server:/.test(line))
    .map((line) => line.replace(LINE_START, ''));
  return new EnvironmentError({
    attempted: `start ${executable.path}`,
    found: clauses(errorLines) || words || 'it ended at once',
    next: 'Start the broker with --log-level debug to see all it says.',
  });
}
