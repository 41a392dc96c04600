import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { EnvironmentError, errorText } from '../../../model/errors';
import { makeFolder } from '../make-folder';

/** A process, told apart from a later one that got the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in the words of the system; undefined where that cannot be found out. */
  readonly started?: string;
}

interface LockContent {
  readonly id: string;
  readonly owner: ProcessIdentity;
  readonly server?: ProcessIdentity;
}

/** The right to use a store folder. */
export interface StoreLock {
  /** Notes the server that works on the store, so that the next start can end it if we cannot. */
  serverStarted(pid: number): Promise<void>;
  /** Gives the folder back. May be called twice. */
  release(): Promise<void>;
}

const FILE_NAME = 'broker.lock';
// Each round removes one dead lock, or waits a little for another starter that does.
const MAX_ROUNDS = 100;

/**
 * Takes a store folder for this process, and ends a server that a killed owner left running on it.
 * @throws EnvironmentError when a live broker has it, or the folder cannot be written.
 */
export async function lockStore(folder: string): Promise<StoreLock> {
  const file = path.join(folder, FILE_NAME);
  const content: LockContent = { id: randomUUID(), owner: await processIdentity(process.pid) };
  try {
    await makeFolder(folder);
    for (let round = 0; round < MAX_ROUNDS; round++) {
      if (await created(file, content)) return lockOf(file, content);
      await removeIfDead(folder, file);
    }
  } catch (error) {
    if (error instanceof EnvironmentError) throw error;
    throw new EnvironmentError({
      attempted: `use the store ${folder}`,
      found: errorText(error),
      next: 'Choose a folder that this user may write.',
      cause: error,
    });
  }
  throw new EnvironmentError({
    attempted: `use the store ${folder}`,
    found: 'other brokers were taking it at the same time',
    next: 'Give every broker a store of its own.',
  });
}

function lockOf(file: string, content: LockContent): StoreLock {
  return {
    async serverStarted(pid) {
      // Written beside and renamed, so that nobody ever reads half a lock.
      const whole = `${file}.${content.id}`;
      await writeFile(whole, JSON.stringify({ ...content, server: await processIdentity(pid) }), {
        mode: 0o600,
      });
      await rename(whole, file);
    },
    async release() {
      if ((await readOwner(file))?.id === content.id) await rm(file, { force: true });
    },
  };
}

/** Written beside and linked, so that a lock is there as a whole or not at all. */
async function created(file: string, content: LockContent): Promise<boolean> {
  const whole = `${file}.${randomUUID()}`;
  await writeFile(whole, JSON.stringify(content), { mode: 0o600 });
  try {
    await link(whole, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(whole, { force: true });
  }
}

/** Removes the lock of a dead owner and ends its server. */
async function removeIfDead(folder: string, file: string): Promise<void> {
  const found = await readOwner(file);
  if (found !== undefined && (await lives(found.owner))) {
    throw new EnvironmentError({
      attempted: `use the store ${folder}`,
      found: `the broker with process id ${found.owner.pid} is using it`,
      next: 'Stop that broker, or choose another folder.',
    });
  }
  // One remover at a time: otherwise the second would remove the lock that a starter has made after the first.
  const removing = `${file}.removing`;
  if (!(await created(removing, { id: randomUUID(), owner: await processIdentity(process.pid) }))) {
    const remover = await readOwner(removing);
    // One that is gone by now must not be removed: the next remover may have made its own already.
    if (remover === undefined) return;
    if (await lives(remover.owner)) await new Promise((resolve) => setTimeout(resolve, 20));
    else await rm(removing, { force: true });
    return;
  }
  try {
    if ((await readOwner(file))?.id !== found?.id) return;
    if (found?.server !== undefined) await end(found.server);
    await rm(file, { force: true });
  } finally {
    await rm(removing, { force: true });
  }
}

async function end(server: ProcessIdentity): Promise<void> {
  if (!(await lives(server))) return;
  process.kill(server.pid, 'SIGKILL');
  // The kernel closes its files only when it is gone.
  for (let tries = 0; tries < 100 && (await lives(server)); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function readOwner(file: string): Promise<LockContent | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as LockContent;
  } catch {
    // Nobody there, or a lock cut short by a crash, which is as good as none.
    return undefined;
  }
}

export async function lives({ pid, started }: ProcessIdentity): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = await processIdentity(pid);
  return started === undefined || now.started === undefined || now.started === started;
}

export async function processIdentity(pid: number): Promise<ProcessIdentity> {
  const started = process.platform === 'linux' ? await startedByProc(pid) : await startedByPs(pid);
  return started === undefined ? { pid } : { pid, started };
}

async function startedByProc(pid: number): Promise<string | undefined> {
  try {
    // Field 22, counted after the program name, which may itself hold blanks and parentheses.
    const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /s, '').split(' ');
    // A zombie has ended; its parent has only not asked yet.
    return fields[0] === 'Z' ? 'ended' : fields[19];
  } catch {
    return undefined;
  }
}

async function startedByPs(pid: number): Promise<string | undefined> {
  if (process.platform === 'win32') return undefined;
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)], {
      timeout: 5_000,
    });
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}
