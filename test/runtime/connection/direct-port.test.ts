import { randomUUID } from 'node:crypto';
import type { NatsConnection } from 'nats';
import { connect } from 'nats';

import { LocalBroker } from '../../../src/runtime/broker';
import { ClientProxy } from '../../../src/runtime/broker/proxy';
import { openConnection } from '../../../src/runtime/connection/open-connection';
import { Memphis } from '../../../src/runtime/messaging';
import { eventually } from '../../support/broker';
import { Gate } from '../messaging/gate';

let broker: LocalBroker;
const cleanUps: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory' });
});
afterAll(() => broker.stop());
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function open(port: number): Promise<NatsConnection> {
  const nats = await openConnection(
    {
      host: '127.0.0.1',
      port,
      username: 'root',
      accountId: '1',
      password: 'memphis',
      connectionToken: undefined,
      reconnect: true,
      maxReconnect: -1,
      reconnectIntervalMs: 20,
      timeoutMs: 2_000,
      tls: undefined,
      settingNames: { address: 'host and port', credential: 'username and password' },
    },
    `${randomUUID()}::root`,
  );
  cleanUps.push(() => nats.close());
  return nats;
}

async function directPort(): Promise<number> {
  const nats = await connect({ servers: `127.0.0.1:${broker.port}`, user: 'root', pass: 'memphis' });
  const { memphis_direct_port: port } = nats.info as unknown as { memphis_direct_port: number };
  await nats.close();
  return port;
}

/** A proxy before the broker that tells of a direct port of the test's choice. */
async function proxyTelling(direct: number, told: { readonly port?: number } = {}): Promise<ClientProxy> {
  const proxy = await ClientProxy.listen('127.0.0.1', 0);
  cleanUps.push(() => proxy.close());
  proxy.serve({
    server: { host: '127.0.0.1', port: await directPort() },
    info: { host: '127.0.0.1', port: told.port ?? proxy.port, directPort: direct },
    hook: () => ({ accepted: true }),
    encryption: undefined,
  });
  return proxy;
}

test('the local broker is used without its proxy, and the connection stands once', async () => {
  const nats = await open(broker.port);
  expect(nats.getServer()).toBe(`127.0.0.1:${await directPort()}`);
  expect((await nats.request('$JS.API.INFO', '', { timeout: 2_000 })).string()).toContain('"streams"');
});

test('a gate between client and broker is not gone around', async () => {
  const gate = await Gate.before(broker.port);
  cleanUps.push(() => gate.close());
  const nats = await open(gate.port);
  expect(nats.getServer()).toBe(`127.0.0.1:${gate.port}`);
});

test('a direct port where nobody listens: the proxy is used', async () => {
  const closed = await Gate.before(broker.port);
  const { port: unused } = closed;
  await closed.close();
  const proxy = await proxyTelling(unused);
  const nats = await open(proxy.port);
  expect(nats.getServer()).toBe(`127.0.0.1:${proxy.port}`);
  await nats.flush();
});

test('a direct port that goes away: the connection is made again through the proxy', async () => {
  const gate = await Gate.before(await directPort());
  cleanUps.push(() => gate.close());
  const proxy = await proxyTelling(gate.port);
  const nats = await open(proxy.port);
  expect(nats.getServer()).toBe(`127.0.0.1:${gate.port}`);
  const back = (async () => {
    for await (const status of nats.status()) if ((status.type as string) === 'reconnect') return;
  })();
  gate.cutOff();
  await back;
  expect(nats.getServer()).toBe(`127.0.0.1:${proxy.port}`);
  await nats.flush();
});

test('liveness follows: a producer of a connection that moved is active until it ends', async () => {
  const memphis = new Memphis();
  await memphis.connect({ host: '127.0.0.1', port: broker.port, username: 'root', password: 'memphis' });
  cleanUps.push(() => memphis.close());
  await memphis.station({ name: 'live' });
  await memphis.producer({ stationName: 'live', producerName: 'p' });
  const login = await fetch(`${broker.restUrl}/api/usermgmt/login`, {
    method: 'POST',
    body: '{"username":"root","password":"memphis"}',
  });
  const { jwt } = (await login.json()) as { jwt: string };
  const names = async (list: string): Promise<string> => {
    const reply = await fetch(
      `${broker.restUrl}/api/monitoring/getStationOverviewData?station_name=live&partition_number=-1`,
      { headers: { authorization: `Bearer ${jwt}` } },
    );
    const overview = (await reply.json()) as Record<string, readonly { readonly name: string }[] | null>;
    return (overview[list] ?? []).map(({ name }) => name).join();
  };
  expect(await names('connected_producers')).toMatch(/^p/);
  await memphis.close();
  await eventually(
    async () => (await names('connected_producers')) === '',
    'the producer is seen to be gone',
  );
});
