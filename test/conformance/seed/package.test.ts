import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { MemphisError } from '../../../src/model/errors';
import { Headers, Memphis, Retention, Storage } from '../../../src/runtime';
import { keyHash } from '../../../src/runtime/messaging/partition';
import { row } from './row';
import { rejection, trafficForThisFile } from './station-traffic';

const root = path.resolve(__dirname, '../../..');
const traffic = trafficForThisFile();
const { broker } = traffic;

let project: string;
beforeAll(async () => {
  project = await mkdtemp(path.join(tmpdir(), 'cdktf-memphis-conformance-'));
  await mkdir(path.join(project, 'node_modules'));
  await symlink(root, path.join(project, 'node_modules/cdktf-memphis'), 'junction');
});
afterAll(() => rm(project, { recursive: true, force: true }));

/** Runs a program in a project that has the built package in its node_modules. */
async function inProject(program: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    cwd: project,
    env: { ...process.env, ...broker.environment },
    timeout: 20_000,
  });
  return stdout.trim();
}

const login = `{ host: process.env.MEMPHIS_HOST, port: Number(process.env.MEMPHIS_PORT ?? 6666),
  username: process.env.MEMPHIS_USERNAME, password: process.env.MEMPHIS_PASSWORD,
  connectionToken: process.env.MEMPHIS_CONNECTION_TOKEN }`;

row('PKG-1', async () => {
  const output = await inProject(`
    import { Memphis } from 'cdktf-memphis/runtime';
    const memphis = new Memphis();
    await memphis.connect(${login});
    console.log(memphis.isConnected());
    await memphis.close();`);
  expect(output).toBe('true');
});

row('PKG-2', async () => {
  const lock = JSON.parse(await readFile(path.join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; optional?: boolean; hasInstallScript?: boolean }>;
  };
  const building = Object.entries(lock.packages).filter(
    ([name, { dev, hasInstallScript }]) => name !== '' && dev !== true && hasInstallScript === true,
  );
  // protobufjs only prints advice there; it works without.
  expect(building.map(([name]) => name).filter((name) => name !== 'node_modules/protobufjs')).toEqual([]);
  expect([keyHash('key'), keyHash('日本語'), keyHash('')]).toEqual([2580712894, 787912674, 1257683291]);
});

row('PKG-3', () => {
  expect(typeof Memphis.prototype.connect).toBe('function');
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
  expect(await connectionOf(1)).not.toBe(await connectionOf(2));
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
  ];
  const results = await Promise.allSettled(calls);
  expect(results.map(({ status }) => status)).toEqual(calls.map(() => 'rejected'));
});

row('PKG-9', async () => {
  const memphis = new Memphis();
  try {
    const error = await rejection(
      memphis.connect({ host: '127.0.0.1', port: 1, username: 'root', password: 'x' }),
    );
    expect(error).toBeInstanceOf(MemphisError);
    expect(error).toHaveProperty('code', 'MEMPHIS_CONNECTION');
  } finally {
    await memphis.close();
  }
});

row('PKG-10', async () => {
  const guide = await readFile(path.join(root, 'docs/messaging.md'), 'utf8');
  const snippets = [...guide.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
  expect(snippets.length).toBeGreaterThan(3);
  for (const snippet of snippets) await inProject(snippet);
});
