import type { NatsConnection } from 'nats';
import { connect } from 'nats';

import { resolveConnection } from '../../../../src/model/connection';
import { Storage } from '../../../../src/model/storage';
import { connectAdmin } from '../../../../src/runtime/admin';
import { LocalBroker } from '../../../../src/runtime/broker';
import { Memphis } from '../../../../src/runtime/messaging';

const token = 'three-nodes-1';
let broker: LocalBroker;
beforeAll(async () => {
  broker = await LocalBroker.start({
    nodes: 3,
    store: 'memory',
    connectionToken: token,
    log: () => undefined,
  });
});
afterAll(() => broker.stop());

function come(servers: string, how: object = { token }): Promise<NatsConnection> {
  return connect({ servers, name: 'x::root', reconnect: false, timeout: 5_000, ...how });
}

test('every node takes the token and nothing else, and tells of no port that would not take it', async () => {
  const first = await come(`127.0.0.1:${broker.port}`);
  const urls = first.info?.connect_urls ?? [];
  await first.close();
  expect(urls).toHaveLength(3);
  for (const url of urls) {
    const nats = await come(url);
    expect(nats.info).not.toHaveProperty('memphis_direct_port');
    expect((await nats.request('$JS.API.INFO', '', { timeout: 5_000 })).string()).toContain('"streams"');
    await nats.close();
    for (const how of [{ token: 'another' }, { user: 'root', pass: 'memphis' }]) {
      await expect(come(url, how)).rejects.toMatchObject({ code: 'AUTHORIZATION_VIOLATION' });
    }
  }
});

test('our own client and the engine work with it, and go on when a node is killed', async () => {
  const memphis = new Memphis();
  await memphis.connect({
    host: '127.0.0.1',
    port: broker.port,
    username: 'root',
    connectionToken: token,
    timeoutMs: 20_000,
  });
  await memphis.station({ name: 'three', replicas: 3, storageType: Storage.MEMORY });
  await broker.killNode(2);
  const producer = await memphis.producer({ stationName: 'three', producerName: 'p' });
  // Nobody takes messages while the two choose who leads; the id keeps what is sent again from being stored again.
  const deadline = Date.now() + 20_000;
  for (let stored = 0; stored < 2 && Date.now() < deadline;) {
    const sent = producer.produce({ message: 'a', msgId: '1', ackWaitSec: 1 });
    stored += await sent.then(
      () => 1,
      () => new Promise<number>((resolve) => setTimeout(() => resolve(0), 100)),
    );
  }
  await memphis.close();
  const admin = await connectAdmin(resolveConnection({}, broker.environment()));
  const stream = await admin.readStream('three$1');
  expect(stream?.state.messages).toBe(1);
  await admin.close();
});
