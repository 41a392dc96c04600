import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect } from 'nats';
import { BrokerRefusedError, ValidationError } from '../../../src/model/errors';
import { Storage } from '../../../src/model/storage';
import { LocalBroker } from '../../../src/runtime/broker';
import { Memphis } from '../../../src/runtime/messaging';
import { row } from './row';
import { rejection, textOf, trafficForThisFile } from './station-traffic';

const traffic = trafficForThisFile();
const { broker } = traffic;

const configOf = async (name: string) => (await broker.stream(name))?.config;

row('STO-1', async () => {
  const { name } = await traffic.station();
  expect(await configOf(name)).toMatchObject({ storage: 'file' });
});

row('STO-2', async () => {
  const store = await mkdtemp(path.join(tmpdir(), 'cdktf-memphis-sto2-'));
  const login = { host: '127.0.0.1', username: 'root', password: 'memphis' };
  const memphis = new Memphis();
  let own = await LocalBroker.start({ store });
  try {
    const { port } = own;
    await memphis.connect({ ...login, port, reconnectIntervalMs: 50 });
    await memphis.station({ name: 'st', storageType: Storage.DISK });
    await memphis.produce({ stationName: 'st', producerName: 'p', message: 'kept' });
    await own.kill();
    own = await LocalBroker.start({ store, port });
    const [message] = await memphis.fetchMessages({ stationName: 'st', consumerName: 'c', batchSize: 1 });
    expect(textOf(message)).toBe('kept');
  } finally {
    await memphis.close();
    await own.stop();
    await rm(store, { recursive: true, force: true });
  }
});

row('STO-3', async () => {
  const { name } = await traffic.station({ storageType: Storage.MEMORY });
  expect(await configOf(name)).toMatchObject({ storage: 'memory' });
  await traffic.fill(name, 1);
  expect((await broker.stream(name))?.state.messages).toBe(1);
});

/** Three servers, where there is no broker with as many as are needed. */
let cluster: LocalBroker | undefined;
let clustered: Memphis;
beforeAll(async () => {
  cluster = await LocalBroker.start({ nodes: 3, store: 'memory' });
  clustered = new Memphis();
  await clustered.connect({ host: '127.0.0.1', username: 'root', password: 'memphis', port: cluster.port });
});
afterAll(async () => {
  await clustered.close();
  await cluster?.stop();
});

/** How many copies a station of the three servers has, by the stream of its first partition. */
async function copiesOf(replicas: number): Promise<unknown> {
  const name = `replicas-${replicas}`;
  await clustered.station({ name, replicas, storageType: Storage.MEMORY });
  const nats = await connect({
    servers: `127.0.0.1:${cluster?.port}`,
    user: 'root$1',
    pass: 'memphis',
    name: `${randomUUID()}::root`,
  });
  try {
    const reply = await nats.request(`$JS.API.STREAM.INFO.${name}$1`, '', { timeout: 5_000 });
    return reply.json<{ config: { num_replicas: number } }>().config.num_replicas;
  } finally {
    await nats.close();
  }
}

row('REP-1', async () => {
  for (const replicas of [1, 0]) {
    const { name } = await traffic.station({ replicas });
    expect(await configOf(name)).toMatchObject({ num_replicas: 1 });
  }
  // The broker keeps an odd number of copies: 2 become 3.
  expect(await copiesOf(2)).toBe(3);
  expect(await rejection(traffic.station({ replicas: 1.5 }))).toBeInstanceOf(ValidationError);
});

row('REP-2', async () => {
  const name = broker.stationName();
  const error = await rejection(traffic.memphis.station({ name, replicas: 3 }));
  expect(error).toBeInstanceOf(BrokerRefusedError);
  expect(error.message).toContain('replicas count is larger than the cluster size');
  expect(await broker.stream(name)).toBeUndefined();
  expect(await copiesOf(3)).toBe(3);
  // 4 would be 3 as well; more than 5 is 5, which three servers are too few for.
  for (const replicas of [5, 9]) {
    await expect(clustered.station({ name: 'too-many', replicas })).rejects.toThrow(
      'replicas count is larger than the cluster size',
    );
  }
});
