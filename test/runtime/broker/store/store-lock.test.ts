import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { EnvironmentError } from '../../../../src/model/errors';
import { lockStore } from '../../../../src/runtime/broker/store/store-lock';

let folder: string;
let file: string;
let server: ChildProcess;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'store-lock-test-'));
  file = path.join(folder, 'broker.lock');
  server = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await once(server, 'spawn');
});
afterEach(async () => {
  server.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

interface Content {
  owner: { pid: number; started?: string };
  server: { pid: number; started?: string };
}

/** A lock whose owner is as the test wants it, with a server that runs. */
async function lockWith(change: (content: Content) => void): Promise<void> {
  const lock = await lockStore(folder);
  await lock.serverStarted(server.pid ?? 0);
  const content = JSON.parse(await readFile(file, 'utf8')) as Content;
  change(content);
  await writeFile(file, JSON.stringify(content));
}

test('the server of a dead owner is ended before the store is taken', async () => {
  // The number was used by another process meanwhile: this one, which started at another time.
  await lockWith(({ owner }) => (owner.started = 'long ago'));
  const ended = once(server, 'exit');
  await (await lockStore(folder)).release();
  expect(await ended).toEqual([null, 'SIGKILL']);
});

test('a process that got the number of the dead server is left alone', async () => {
  await lockWith((content) => {
    content.owner.started = 'long ago';
    content.server.started = 'long ago';
  });
  await (await lockStore(folder)).release();
  expect(server.exitCode ?? server.signalCode).toBeNull();
});

test.each(Array.from({ length: 20 }, (_, index) => index))(
  'of many that want a store whose owner is dead, one gets it (%d)',
  async () => {
    await lockWith(({ owner }) => (owner.started = 'long ago'));
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockStore(folder)));
    const refused = results.flatMap((result) =>
      result.status === 'rejected' ? [result.reason as unknown] : [],
    );
    expect(refused).toHaveLength(7);
    for (const error of refused) expect(error).toBeInstanceOf(EnvironmentError);
  },
);

test('release does not take the lock of a later owner', async () => {
  const first = await lockStore(folder);
  await first.release();
  const second = await lockStore(folder);
  await first.release();
  await expect(lockStore(folder)).rejects.toBeInstanceOf(EnvironmentError);
  await second.release();
});
