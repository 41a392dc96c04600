import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

import type { ProcessIdentity } from '../runtime/broker/store/store-lock';

/** A broker that the command line started and that has not ended. It holds no secret. */
export interface RunningBroker {
  readonly process: ProcessIdentity;
  readonly host: string;
  readonly port: number;
  readonly restUrl: string;
  readonly store: string;
}

/** The folder with one file for each running broker of this user. */
function folder(): string {
  const { XDG_STATE_HOME: state } = process.env;
  const base = state === undefined || state === '' ? path.join(homedir(), '.local', 'state') : state;
  return path.join(base, 'cdktf-memphis', 'brokers');
}

/** Notes a broker of this process. @returns what forgets it again. */
export function noteBroker(broker: RunningBroker): () => void {
  const file = path.join(folder(), `${broker.process.pid}.json`);
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, JSON.stringify(broker), { mode: 0o600 });
  } catch {
    // It runs all the same; only `broker status` and `broker stop` do not find it.
  }
  return () => rmSync(file, { force: true });
}

/**
 * Returns the brokers that run now, by port, and forgets those that were killed.
 * @param lives tells whether a process runs.
 */
export async function runningBrokers(
  lives: (identity: ProcessIdentity) => Promise<boolean>,
): Promise<RunningBroker[]> {
  const names = await readdir(folder()).catch((): string[] => []);
  const found: RunningBroker[] = [];
  for (const name of names.filter((each) => each.endsWith('.json'))) {
    const file = path.join(folder(), name);
    const broker = parse(await readFile(file, 'utf8').catch(() => ''));
    if (broker !== undefined && (await lives(broker.process))) found.push(broker);
    else await rm(file, { force: true });
  }
  return found.sort((left, right) => left.port - right.port);
}

function parse(text: string): RunningBroker | undefined {
  try {
    return JSON.parse(text) as RunningBroker;
  } catch {
    return undefined;
  }
}
