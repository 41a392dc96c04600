import { randomUUID } from 'node:crypto';
import type { NatsConnection } from 'nats';
import { connect } from 'nats';
import { PartitionStreams } from '../../../src/runtime/admin/jetstream';
import { LocalBroker } from '../../../src/runtime/broker';
import { refusal } from '../../support/rejection';

let broker: LocalBroker;
let nats: NatsConnection;
let streams: PartitionStreams;

beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory' });
  nats = await connect({
    servers: `${broker.host}:${broker.port}`,
    user: 'root',
    pass: 'memphis',
    name: `${randomUUID()}::root`,
  });
  streams = new PartitionStreams(nats);
});

afterAll(async () => {
  await nats.close();
  await broker.stop();
});

const config = (name: string, retention: 'limits' | 'workqueue' = 'limits') => ({
  name,
  subjects: [`${name}.>`],
  retention,
  max_age: 0,
  max_msgs: -1,
  max_bytes: -1,
  storage: 'memory' as const,
  num_replicas: 1,
  duplicate_window: 120_000_000_000,
});

test('lists the partition streams of more than one page, and no other stream', async () => {
  const names = Array.from({ length: 300 }, (_, index) => `many$${index + 1}`);
  await Promise.all([...names, 'plain', '$memphis_other'].map((name) => streams.createStream(config(name))));
  const listed = (await streams.listPartitionStreams()).map((stream) => stream.config.name);
  expect(listed.filter((name) => name.startsWith('many')).sort()).toEqual([...names].sort());
  expect(listed).not.toContain('plain');
  expect(listed).not.toContain('$memphis_other');
});

test('a stream that is not there is no error, and neither is one that is made twice', async () => {
  expect(await streams.readStream('nowhere$1')).toBeUndefined();
  await streams.createStream(config('twice$1'));
  await streams.createStream(config('twice$1'));
  expect((await streams.readStream('twice$1'))?.config.name).toBe('twice$1');
});

test("a refusal has the server's words and code", async () => {
  await streams.createStream(config('fixed$1'));
  const error = await refusal(streams.updateStream({ ...config('fixed$1'), storage: 'file' }));
  expect(error.code).toBe('MEMPHIS_REFUSED');
  expect(error.message).toContain('update partition 1 of station "fixed"');
  expect(error.message).toContain('stream configuration update can not change storage type (10052)');
});

test('a request that nobody answers ends in time', async () => {
  const deaf = {
    request: (_: string, __: string, { timeout }: { timeout: number }) =>
      nats.request('nobody.at.home', '', { timeout }),
  };
  nats.subscribe('nobody.at.home', { callback: () => undefined });
  const error = await refusal(new PartitionStreams(deaf as unknown as NatsConnection, 100).readStream('a$1'));
  expect(error.code).toBe('MEMPHIS_TIMEOUT');
  expect(error.message).toContain('within 0.1 s');
});

test('a server without JetStream for this user is told from a slow one', async () => {
  const elsewhere = { request: () => nats.request('no.such.service', '', { timeout: 1_000 }) };
  const error = await refusal(new PartitionStreams(elsewhere as unknown as NatsConnection).readStream('a$1'));
  expect(error.code).toBe('MEMPHIS_PROTOCOL');
});
