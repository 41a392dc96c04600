import { randomUUID } from 'node:crypto';
import { connect } from 'nats';
import { BrokerRefusedError, ValidationError } from '../../../src/model/errors';
import { Storage } from '../../../src/model/storage';
import { connectionsForThisFile, local } from './connecting';
import { row } from './row';
import { trafficForThisFile } from './station-traffic';
import { rejection } from '../../support/rejection';

const traffic = trafficForThisFile();
const { broker } = traffic;
const connections = connectionsForThisFile();

/** Three servers, whatever the broker under test has. */
async function threeServers() {
  const { port } = await connections.localBroker({ nodes: 3 });
  const memphis = await connections.connect({ ...local, port });
  const nats = await connect({
    servers: `127.0.0.1:${port}`,
    user: 'root$1',
    pass: local.password,
    name: `${randomUUID()}::root`,
  });
  connections.afterRow(() => nats.close());
  /** How many copies a station that asks for so many has, by the stream of its first partition. */
  const copiesOf = async (replicas: number): Promise<unknown> => {
    const name = `replicas-${replicas}`;
    await memphis.station({ name, replicas, storageType: Storage.MEMORY });
    const reply = await nats.request(`$JS.API.STREAM.INFO.${name}$1`, '', { timeout: 5_000 });
    return reply.json<{ config: { num_replicas: number } }>().config.num_replicas;
  };
  return { memphis, copiesOf };
}

row('REP-1', async () => {
  for (const replicas of [1, 0]) {
    const { name } = await traffic.station({ replicas });
    expect((await broker.stream(name))?.config).toMatchObject({ num_replicas: 1 });
  }
  expect(await rejection(traffic.station({ replicas: 1.5 }))).toBeInstanceOf(ValidationError);
});

row('REP-2', async () => {
  const single = await connections.connect({ ...local, port: (await connections.localBroker({})).port });
  const error = await rejection(single.station({ name: 'st', replicas: 3 }));
  expect(error).toBeInstanceOf(BrokerRefusedError);
  expect(error.message).toContain('replicas count is larger than the cluster size');
  expect(await single.stationExists('st')).toBe(false);
  const { memphis, copiesOf } = await threeServers();
  expect(await copiesOf(3)).toBe(3);
  // The broker keeps an odd number of copies: 2 and 4 become 3.
  expect([await copiesOf(2), await copiesOf(4)]).toEqual([3, 3]);
  // More than 5 are 5, which three servers are too few for.
  for (const replicas of [5, 9]) {
    await expect(memphis.station({ name: 'too-many', replicas })).rejects.toThrow(
      'replicas count is larger than the cluster size',
    );
  }
});
