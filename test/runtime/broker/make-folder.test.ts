import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { LocalBroker } from '../../../src/runtime/broker';
import { makeFolder, temporaryFolder } from '../../../src/runtime/broker/make-folder';

const onLinux = process.platform === 'linux' ? test : test.skip;

test('makes all folders that are missing, for this user alone', async () => {
  const base = await mkdtemp(path.join(tmpdir(), 'make-folder-test-'));
  const folder = path.join(base, 'a', 'b');
  await makeFolder(folder);
  await makeFolder(folder);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  await rm(base, { recursive: true });
});

onLinux('a store below /proc is an error at once', async () => {
  for (const store of ['/proc/x', '/proc/x/y']) {
    await expect(LocalBroker.start({ store })).rejects.toThrow(
      /^could not use the store \/proc\/x.*: ENOENT.*Choose a folder that this user may write\.$/,
    );
  }
});

test('a temporary folder that is missing is named, with the variable', async () => {
  await expect(temporaryFolder('/nowhere/at/all')).rejects.toThrow(
    /^could not create a temporary folder in \/nowhere\/at\/all: ENOENT.* Set TMPDIR to a folder that exists and that this user may write\.$/,
  );
});
