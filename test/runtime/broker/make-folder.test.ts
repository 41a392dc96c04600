import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
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

describe('a store that', () => {
  let base: string;
  beforeAll(async () => (base = await mkdtemp(path.join(tmpdir(), 'odd-stores-'))));
  afterAll(() => rm(base, { recursive: true }));

  test('is a file, or lies in one, is refused with the way on', async () => {
    const file = path.join(base, 'file');
    await writeFile(file, 'x');
    for (const store of [file, path.join(file, 'x'), '/dev/null'])
      await expect(LocalBroker.start({ store })).rejects.toThrow(
        /^could not use the store .*: ENOTDIR.*Choose a folder that this user may write\.$/,
      );
    await expect(LocalBroker.start({ store: '' })).rejects.toThrow(
      'store is empty; give a folder or "memory"',
    );
  });

  // root may write everywhere.
  if (process.getuid?.() !== 0)
    test('may not be written is refused with the way on', async () => {
      const folder = path.join(base, 'read-only');
      await mkdir(folder, { mode: 0o500 });
      await expect(LocalBroker.start({ store: path.join(folder, 'x') })).rejects.toThrow(
        /^could not use the store .*: EACCES.*Choose a folder that this user may write\.$/,
      );
    });

  test('has blanks, quotes, a backslash, a dollar sign or a line break in its name works', async () => {
    const broker = await LocalBroker.start({ store: path.join(base, `a b'"\\$HOME\nü`) });
    await broker.stop();
  });
});

test('an option that a local broker does not have is refused with the nearest name', async () => {
  await expect(LocalBroker.start({ restport: 1 } as never)).rejects.toThrow(
    'restport is not an option of a local broker; use restPort, or remove it',
  );
});
