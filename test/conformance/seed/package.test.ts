import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ConnectionError, MemphisError } from '../../../src/model/errors';
import { Headers, Memphis, Retention, Storage } from '../../../src/runtime';
import { LocalBroker } from '../../../src/runtime/broker';
import { keyHash } from '../../../src/model/partition-key';
import { pack, run } from '../../support/user-project';
import { CapturingServer } from './capturing-server';
import { row } from './row';
import { trafficForThisFile } from './station-traffic';
import { rejection } from '../../support/rejection';

const root = path.resolve(__dirname, '../../..');
const traffic = trafficForThisFile();
const { broker } = traffic;

interface Lock {
  readonly packages: Readonly<Record<string, LockEntry>>;
}

interface LockEntry {
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const readLock = async (): Promise<Lock> =>
  JSON.parse(await readFile(path.join(root, 'package-lock.json'), 'utf8')) as Lock;

/** A project that has nothing but what is published, and beside it what the package says it depends on. */
let project: string;
beforeAll(async () => {
  project = await mkdtemp(path.join(tmpdir(), 'cdktf-memphis-conformance-'));
  const modules = path.join(project, 'node_modules');
  const { filename } = await pack(project);
  await mkdir(path.join(modules, 'cdktf-memphis'), { recursive: true });
  await run(
    'tar',
    ['-xzf', filename, '-C', path.join(modules, 'cdktf-memphis'), '--strip-components=1'],
    project,
  );
  for (const name of Object.keys((await readLock()).packages['']?.dependencies ?? {})) {
    await mkdir(path.dirname(path.join(modules, name)), { recursive: true });
    await symlink(path.join(root, 'node_modules', name), path.join(modules, name), 'junction');
  }
});
afterAll(() => rm(project, { recursive: true, force: true }));

/** Runs a program in that project, with the variables that name a broker. */
async function inProject(program: string, environment = broker.environment): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    cwd: project,
    env: { ...process.env, ...environment },
    timeout: 20_000,
  });
  return stdout.trim();
}

const login = `{ host: process.env.MEMPHIS_HOST, port: Number(process.env.MEMPHIS_PORT ?? 6666),
  username: process.env.MEMPHIS_USERNAME, caFile: process.env.MEMPHIS_CA_FILE,
  certFile: process.env.MEMPHIS_CERT_FILE, keyFile: process.env.MEMPHIS_KEY_FILE,
  ...(process.env.MEMPHIS_CONNECTION_TOKEN
    ? { connectionToken: process.env.MEMPHIS_CONNECTION_TOKEN }
    : { password: process.env.MEMPHIS_PASSWORD }) }`;

row('PKG-1', async () => {
  const output = await inProject(`
    import { Memphis } from 'cdktf-memphis/runtime';
    const memphis = new Memphis();
    await memphis.connect(${login});
    console.log(memphis.isConnected());
    await memphis.close();`);
  expect(output).toBe('true');
});

/** Keys and their hashes, as clients in other languages compute them. */
const hashes: Readonly<Record<string, number>> = {
  '': 1257683291,
  a: 3387765255,
  ab: 1334718146,
  abc: 339830091,
  abcd: 1404501894,
  key: 2580712894,
  '2nd_partition': 1368045492,
  somePartition: 2867600170,
  'user-42': 660284634,
  'order:123': 606776790,
  héllo: 1286496956,
  日本語: 787912674,
  '😀': 3858440902,
  'a much longer partition key that spans several blocks!': 1428838189,
};

row('PKG-2', async () => {
  const building = Object.entries((await readLock()).packages).filter(
    ([name, { dev, hasInstallScript }]) => name !== '' && dev !== true && hasInstallScript === true,
  );
  // protobufjs only prints advice there; it works without.
  expect(building.map(([name]) => name).filter((name) => name !== 'node_modules/protobufjs')).toEqual([]);
  expect(Object.fromEntries(Object.keys(hashes).map((key) => [key, keyHash(key)]))).toEqual(hashes);
});

/** What the compiler has to say about a TypeScript program in that project; empty when it is content. */
async function compilerErrors(program: string): Promise<string> {
  const file = path.join(project, `${Math.random().toString(36).slice(2)}.ts`);
  await writeFile(file, program);
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--types', 'node', '--target', 'es2022'];
  const types = ['--typeRoots', path.join(root, 'node_modules/@types')];
  const modules = ['--module', 'nodenext', '--moduleResolution', 'nodenext'];
  return run(
    process.execPath,
    [path.join(root, 'node_modules/typescript/bin/tsc'), ...options, ...types, ...modules, file],
    project,
  ).catch((error: unknown) => String(error));
}

row('PKG-3', async () => {
  // All four names at once, because the compiler takes its time.
  expect(
    await compilerErrors(`
    import { Headers, Memphis, Retention, Storage } from 'cdktf-memphis/runtime';
    // @ts-expect-error -- so it is known that the compiler finds the types
    import { Memphiss } from 'cdktf-memphis/runtime';
    const memphis: Memphis = new Memphis();
    const connected: Promise<void> = memphis.connect({ host: 'h', username: 'u', password: 'p' });
    const headers: Headers = new Headers().add('key', 'value');
    const retention: Retention = Retention.ACK_BASED;
    const storage: Storage = Storage.MEMORY;
    export const all = [Memphiss, connected, headers, retention, storage];`),
  ).toBe('');
});

row('PKG-4', () => {
  expect([...new Headers().add('key', 'value').entries()]).toEqual([['key', 'value']]);
});

row('PKG-5', () => {
  expect(Retention).toEqual({
    MAX_MESSAGE_AGE_SECONDS: 'message_age_sec',
    MESSAGES: 'messages',
    BYTES: 'bytes',
    ACK_BASED: 'ack_based',
  });
});

row('PKG-6', () => {
  expect(Storage).toEqual({ DISK: 'file', MEMORY: 'memory' });
});

row('PKG-7', async () => {
  const { name } = await traffic.station();
  const [one, other] = await Promise.all([broker.client(), broker.client()]);
  expect(new Memphis().isConnected()).toBe(false);
  await one.produce({ stationName: name, producerName: 'p', message: '1' });
  await other.produce({ stationName: name, producerName: 'p', message: '2' });
  const connectionOf = async (sequence: number) =>
    /connectionId: (\S+)/.exec((await broker.storedMessage(name, 1, sequence)).headers)?.[1];
  const ids = [await connectionOf(1), await connectionOf(2)];
  expect(new Set(ids).size).toBe(2);
  // The broker's list of connections goes by their names.
  const server = await CapturingServer.start();
  try {
    const clients = [new Memphis(), new Memphis()];
    const address = { host: '127.0.0.1', port: server.port, username: 'root', password: 'x' };
    for (const client of clients) await client.connect(address);
    for (const client of clients) await client.close();
    expect(new Set(server.connects.map((connect) => connect.name)).size).toBe(2);
  } finally {
    await server.stop();
  }
  await one.close();
  expect(other.isConnected()).toBe(true);
});

row('PKG-8', async () => {
  const memphis = new Memphis();
  const calls = [
    memphis.station({ name: 'x' }),
    memphis.producer({ stationName: 'x', producerName: 'p' }),
    memphis.consumer({ stationName: 'x', consumerName: 'c' }),
    memphis.produce({ stationName: 'x', producerName: 'p', message: 'm' }),
    memphis.fetchMessages({ stationName: 'x', consumerName: 'c' }),
    memphis.createSchema({ schemaName: 's', schemaType: 'json', schemaContent: '{}' }),
    memphis.enforceSchema({ name: 's', stationName: 'x' }),
    memphis.detachSchema({ stationName: 'x' }),
    memphis.stationExists('x'),
    memphis.flush(),
  ];
  expect(calls.every((call) => call instanceof Promise)).toBe(true);
  const results = await Promise.allSettled(calls);
  expect(results.map(({ status }) => status)).toEqual(calls.map(() => 'rejected'));
  // Nothing keeps the event loop from turning while calls are under way.
  const { name } = await traffic.station();
  let turns = 0;
  const clock = setInterval(() => {
    turns += 1;
  }, 1);
  const consumer = await traffic.consumer(name);
  await consumer.fetch({ batchMaxTimeToWaitMs: 200 });
  clearInterval(clock);
  expect(turns).toBeGreaterThan(20);
});

row('PKG-9', async () => {
  const memphis = new Memphis();
  try {
    const error = await rejection(
      memphis.connect({ host: '127.0.0.1', port: 1, username: 'root', password: 'x' }),
    );
    expect(error).toBeInstanceOf(MemphisError);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toHaveProperty('code', 'MEMPHIS_CONNECTION');
  } finally {
    await memphis.close();
  }
});

row('PKG-10', async () => {
  const guide = await readFile(path.join(root, 'docs/messaging.md'), 'utf8');
  const snippets = [...guide.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
  expect(snippets.length).toBeGreaterThan(3);
  // They log in with a password and nothing else, so a broker in another mode is not theirs.
  const { password, caFile } = broker.options;
  const own = password !== undefined && caFile === undefined ? undefined : await LocalBroker.start();
  // What they make goes after the tests.
  for (const [, name] of guide.matchAll(/'(guide[\w-]*)'/g)) broker.remove(name ?? '');
  try {
    for (const snippet of snippets) await inProject(snippet, own?.environment());
  } finally {
    await own?.stop();
  }
});
