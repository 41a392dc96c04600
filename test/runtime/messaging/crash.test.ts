import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LocalBroker } from '../../../src/runtime/broker';
import { Memphis } from '../../../src/runtime/messaging';
import { eventually } from '../../support/broker';
import { many } from '../../support/random';
import { BrokerProcess } from '../broker/chaos/broker-process';
import { FullTraffic } from './full-traffic';
import { Gate } from './gate';

/** What a test has started; ended after it, also when it fails. */
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function storeFolder(): Promise<string> {
  const store = await mkdtemp(path.join(tmpdir(), 'cdktf-memphis-crash-'));
  cleanUps.push(() => rm(store, { recursive: true, force: true }));
  return store;
}

async function client(port: number): Promise<Memphis> {
  const memphis = new Memphis();
  cleanUps.push(() => memphis.close());
  memphis.onError(() => undefined);
  const login = { host: '127.0.0.1', username: 'root', password: 'memphis' };
  await memphis.connect({ ...login, port, reconnectIntervalMs: 20 });
  return memphis;
}

/** Once in the suite, more often in `npm run soak`. */
function repeated<const T>(...ways: readonly T[]): T[] {
  return Array.from({ length: many(1) }, () => ways).flat();
}

/** Lets some more messages go through. */
async function flow(traffic: FullTraffic): Promise<void> {
  const before = traffic.acknowledged;
  await eventually(() => traffic.acknowledged > before + 200, 'traffic');
}

test.each([
  ['one message at a time', 1],
  ['many under way', 40],
])(
  'nats-server dies by kill -9 and restarts in full traffic, %s: nothing acknowledged is lost or doubled, all is delivered in order',
  async (_how, underWay) => {
    const store = await storeFolder();
    let broker = await LocalBroker.start({ store });
    cleanUps.push(() => broker.stop());
    const { port } = broker;
    const memphis = await client(port);
    const traffic = await FullTraffic.start(memphis, underWay);
    for (const end of repeated('kill', 'stop')) {
      await flow(traffic);
      await broker[end]();
      await eventually(() => !memphis.isConnected(), 'the loss is seen');
      broker = await LocalBroker.start({ store, port });
      await eventually(() => memphis.isConnected(), 'the connection is back');
    }
    await flow(traffic);
    await traffic.stop();
    await traffic.verify();
    traffic.verifyOrder();
  },
);

test('the process of the broker dies by kill -9, and its server alone, with many messages under way', async () => {
  const store = await storeFolder();
  let broker = await BrokerProcess.start(store);
  cleanUps.push(() => broker.kill('control plane'));
  const gate = await Gate.before(broker.port);
  cleanUps.push(() => gate.close());
  const memphis = await client(gate.port);
  const traffic = await FullTraffic.start(memphis, 40);
  for (const which of repeated('control plane', 'server')) {
    await flow(traffic);
    await broker.kill(which);
    await eventually(() => !memphis.isConnected(), 'the loss is seen');
    broker = await BrokerProcess.start(store);
    gate.leadTo(broker.port);
    await eventually(() => memphis.isConnected(), `the connection is back after ${which}`);
  }
  await flow(traffic);
  await traffic.stop();
  await traffic.verify();
  traffic.verifyOrder();
});

test('acknowledgements that get lost on the way back: sent again under the same id, each message is stored once', async () => {
  const broker = await LocalBroker.start();
  cleanUps.push(() => broker.stop());
  const gate = await Gate.before(broker.port);
  cleanUps.push(() => gate.close());
  const memphis = await client(gate.port);
  const traffic = await FullTraffic.start(memphis, 20);
  await flow(traffic);
  for (let count = 0; count < many(3); count += 1) {
    // The broker hears everything and stores it; the client hears nothing more, and then the line breaks.
    gate.swallow('to the client');
    await pause(100);
    gate.cutOnce();
    await flow(traffic);
  }
  await traffic.stop();
  expect(traffic.duplicates).toBeGreaterThan(0);
  await traffic.verify();
});
